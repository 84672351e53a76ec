from typing import Any, Self

class Transcoder:
    def __new__(cls, form: int, keys: tuple[bytes, ...], kinds: bytes, /) -> Self: ...
    def encode(
        self, data: bytes | list[tuple[Any, ...]], start: int, /
    ) -> tuple[bytes, int, int, int]: ...
