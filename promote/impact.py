"""The actual impact of a promotion, told a month later."""

from promote import audit
from promote.acts import Desk, act
from promote.journal import writing
from promote.profile import Profile, one_line
from promote.profile_files import find
from store.errors import StoreError


def tell_impact(desk: Desk, ref: str, text: str, by: str) -> Profile:
    """Add what a version has really done to the log and the audit; nothing is overwritten.

    Raises:
        StoreError: there is nothing to tell.
    """
    said = one_line(text, "--text")
    if not said:
        raise StoreError("actual-impact: --text is empty; say what the version has done")
    desk.require_ready()
    find(desk.profiles, ref)  # before anything is made in a folder that may not be there
    with writing(desk.profiles):
        profile = find(desk.profiles, ref)
        body = {
            "profile": profile.profile,
            "version": profile.version,
            "by": one_line(by, "--by"),
            "text": said,
        }
        act(desk, audit.IMPACT, body)
    return profile
