"""Every setting: typed, validated, explained. They come from the environment and from nowhere else."""

from warehouse_mfa.settings.declared import (
    PREFIX,
    BetaPart,
    Environment,
    LoginApproval,
    SecondFactorPolicy,
    Settings,
)
from warehouse_mfa.settings.notation import written
from warehouse_mfa.settings.reading import FILE_SUFFIX, BadSettings, from_process, load, read_dotenv

__all__ = [
    "FILE_SUFFIX",
    "PREFIX",
    "BadSettings",
    "BetaPart",
    "Environment",
    "LoginApproval",
    "SecondFactorPolicy",
    "Settings",
    "from_process",
    "load",
    "read_dotenv",
    "written",
]
