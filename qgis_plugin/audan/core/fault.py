"""What went wrong, as a code and its values: a sentence and a remedy are made of it where it is shown."""


class Fault(Exception):
    """A failure that a person is told.

    Parameters
    ----------
    code
        What went wrong: the sentence is ``fault.<code>`` of the message files, the remedy ``fault.<code>.remedy``.
    values
        What the sentence names.

    Examples
    --------
    >>> Fault("refused", server="Head office").code
    'refused'
    """

    def __init__(self, code: str, **values: object) -> None:
        self.code = code
        self.values = values
        super().__init__(code)

    def __str__(self) -> str:
        from .words import say

        return f"{say('fault.' + self.code, **self.values)} {self.remedy}"

    @property
    def remedy(self) -> str:
        """What to do about it."""
        from .words import say

        return say(f"fault.{self.code}.remedy", **self.values)


class Cancelled(Exception):
    """The person has thought better of it; nobody is told."""
