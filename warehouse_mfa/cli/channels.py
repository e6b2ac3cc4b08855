"""What waitress answers by itself: a body beyond its limit, and what is no HTTP."""

from collections.abc import Mapping

from waitress.channel import HTTPChannel
from waitress.task import ErrorTask


def channels_with(headers: Mapping[str, str]) -> type[HTTPChannel]:
    """Return the channels of a server whose own refusals have the headers of every answer.

    They stay with waitress, because it refuses without reading on: an application could answer only
    after all of a body has been received and kept somewhere.
    """

    class Refusal(ErrorTask):
        def execute(self) -> None:
            self.response_headers.extend(headers.items())
            super().execute()

    class Channel(HTTPChannel):
        error_task_class = Refusal

    return Channel
