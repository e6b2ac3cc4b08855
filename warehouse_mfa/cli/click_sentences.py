"""The sentences of click that a command can print: here they get into the catalogues.

They must read as in click; a test compares them.
"""

from warehouse_mfa.strings import _, ngettext

SHOW_HELP = _("Show this message and exit.")
SENTENCES = (
    _("Usage:"),
    _("Options"),
    _("Commands"),
    SHOW_HELP,
    _("Show the version and exit."),
    _("default: {default}"),
    _("required"),
    _("Error: {message}"),
    _("Try '{command} {option}' for help."),
    _("Missing command."),
    _("Missing option"),
    _("Missing argument"),
    _("No such option {name!r}."),
    _("No such command {name!r}."),
    _("Option {name!r} does not take a value."),
    _("Invalid value for {param_hint}: {message}"),
    _("{value!r} is not a valid {number_type}."),
    _("{value} is not in the range {range}."),
    _("Aborted!"),
)
PLURALS = (
    ngettext(
        "Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})", 1
    ),
    ngettext(
        "Option {name!r} requires an argument.", "Option {name!r} requires {nargs} arguments.", 1
    ),
    ngettext("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)", 1),
)
