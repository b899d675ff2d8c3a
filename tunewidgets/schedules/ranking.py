"""A sorted collection of rank keys that grows and shrinks one by one, and tells at once where a key stands."""

from bisect import bisect_left, insort

from tunewidgets.schedules.rung import Key

_MOST = 1024
"""A block of more keys than this is cut in two: half of so many are moved by an insertion, in a fraction of a us."""


class Ranking:
    """Keys in order, in blocks: an insertion moves the keys of one block only, a rank counts blocks and not keys.

    At 100,000 keys each of its answers takes a few microseconds. A plain sorted list would move half of them each time,
    and a heap could not tell a rank.

    Examples
    --------
    >>> ranking = Ranking()
    >>> for key in ((0.5, 0), (0.1, 1), (0.3, 2)):
    ...     ranking.add(key)
    >>> ranking.rank((0.3, 2)), ranking.rank((0.4, 9)), ranking[0], len(ranking)
    (2, 3, (0.1, 1), 3)
    """

    __slots__ = ("_blocks", "_last", "_size")

    def __init__(self) -> None:
        self._blocks: list[list[Key]] = []
        self._last: list[Key] = []  # each block's largest key
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, index: int) -> Key:
        """Return the key with so many before it.

        Raises
        ------
        IndexError
            If there are not so many keys; a negative index is out of range too.
        """
        if not 0 <= index < self._size:
            raise IndexError(f"the index {index} is not below {self._size}, the number of keys")
        for block in self._blocks:
            if index < len(block):
                return block[index]
            index -= len(block)
        raise AssertionError("unreachable: the blocks hold as many keys as were counted")

    def add(self, key: Key) -> None:
        """Take in a key."""
        self._size += 1
        if not self._blocks:
            self._blocks.append([key])
            self._last.append(key)
            return
        number = min(bisect_left(self._last, key), len(self._blocks) - 1)
        block = self._blocks[number]
        insort(block, key)
        if len(block) > _MOST:
            half = len(block) // 2
            self._blocks[number : number + 1] = [block[:half], block[half:]]
            self._last[number : number + 1] = [block[half - 1], block[-1]]
        else:
            self._last[number] = block[-1]

    def discard(self, key: Key) -> None:
        """Take out a key; nothing happens where it is not there."""
        number = bisect_left(self._last, key)
        if number == len(self._blocks):
            return
        block = self._blocks[number]
        index = bisect_left(block, key)
        if block[index] != key:
            return
        del block[index]
        self._size -= 1
        if block:
            self._last[number] = block[-1]
        else:
            del self._blocks[number], self._last[number]

    def rank(self, key: Key) -> int:
        """Return the place, counted from 1, that a key has or would have."""
        number = bisect_left(self._last, key)
        before = sum(map(len, self._blocks[:number]))
        within = bisect_left(self._blocks[number], key) if number < len(self._blocks) else 0
        return before + within + 1
