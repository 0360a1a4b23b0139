"""The actual impact of a promotion, told a month later."""

from promote.audit import audit_log
from promote.audit.journal import writing
from promote.profiles.files import find
from promote.profiles.profile import Profile, one_line
from promote.promotion.transaction import Desk, act
from store.errors import StoreError


def tell_impact(desk: Desk, ref: str, text: str, by: str) -> Profile:
    """Add what a version has really done to the log and the audit; nothing is overwritten.

    Raises:
        StoreError: there is nothing to tell.
    """
    line = one_line(text, "--text")
    if not line:
        raise StoreError("actual-impact: --text is empty; say what the version has done")
    desk.require_ready()
    find(desk.profiles, ref)  # before anything is made in a folder that may not be there
    with writing(desk.profiles, desk.root):
        profile = find(desk.profiles, ref)
        body = {
            "profile": profile.profile,
            "version": profile.version,
            "by": one_line(by, "--by"),
            "text": line,
        }
        act(desk, audit_log.IMPACT, body)
    return profile
