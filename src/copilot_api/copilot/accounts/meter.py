"""What is left of one account's plan, as last told: by GitHub when it was asked, by Copilot with every reply.

Owns when each was. Replies are only kept on the hot path; they are read when somebody wants to know.
"""

from collections.abc import Callable, Mapping

from copilot_api.copilot.quota import TELLING_HEADERS, QuotaSnapshot, merged, read_header_quota


class QuotaMeter:
    """The newest quota of one account; asks nobody.

    Units: `read_at_unix_s` when the snapshot was told, None before; `asked_at_unix_s` when GitHub was asked last,
    whatever it answered.
    """

    __slots__ = (
        "_clock",
        "_snapshot",
        "_unread",
        "_unread_at_unix_s",
        "asked_at_unix_s",
        "read_at_unix_s",
        "told",
    )

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._snapshot: QuotaSnapshot | None = None
        self._unread: Mapping[str, str] | None = None
        self._unread_at_unix_s = 0.0
        self.told: str | QuotaSnapshot | None = None
        """What was told last of the principal bucket, unread: a reply's header, or GitHub's answer."""
        self.read_at_unix_s: float | None = None
        self.asked_at_unix_s = float("-inf")

    @property
    def snapshot(self) -> QuotaSnapshot | None:
        """The newest quota; None before anybody told."""
        headers, self._unread = self._unread, None
        told = read_header_quota(headers.items()) if headers is not None else None
        if told is not None:
            self._snapshot = merged(self._snapshot, told)
            self.read_at_unix_s = self._unread_at_unix_s
        return self._snapshot

    def observe(self, headers: Mapping[str, str]) -> None:
        """Keep what a reply's headers say about quota."""
        for name in TELLING_HEADERS:
            told = headers.get(name)
            if told is not None:
                self.told = told
                self._unread = headers
                self._unread_at_unix_s = self._clock()
                return

    def note_asked(self) -> None:
        """GitHub is being asked now."""
        self.asked_at_unix_s = self._clock()

    def tell(self, told: QuotaSnapshot) -> None:
        """Take in what GitHub answered."""
        self._snapshot = self.told = merged(self.snapshot, told)
        self.read_at_unix_s = self._clock()

    def wait_s(self, every_s: float) -> float:
        """How long GitHub is left alone yet, when it is asked at most once in `every_s`; 0 when it may be asked."""
        return max(0.0, self.asked_at_unix_s + every_s - self._clock())
