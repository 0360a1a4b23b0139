"""A profile of an older kernel on the present one: its configuration judged and promoted again."""

from kernels import KERNEL_VERSION
from promote.gate.evidence.options import Question
from promote.gate.judge import Judgement, judge
from promote.gate.preset import Preset
from promote.profiles.profile import Profile
from promote.profiles.replay import bars_of, config_hash
from promote.promotion.apply import Applied, apply
from promote.promotion.from_judgement import Wish
from promote.promotion.transaction import Desk
from store.commands import again, line
from store.errors import StoreError, UnknownReference
from store.query.results import Results
from store.records import experiment as records
from store.registry import open_registry


def same_run(desk: Desk, profile: Profile) -> str:
    """The run of the present kernel with the profile's configuration, `exp-.../42`.

    The gate judges a selection, so the sweep that the configuration was chosen in has to be there
    as the present kernel counts it, not the one run alone.

    Raises:
        StoreError: the profile is of the present kernel, or its sweep was not repeated.
    """
    then = profile.versions["kernel"]
    if then == KERNEL_VERSION:
        raise StoreError(f"{profile.ref}: is of kernel version {then}, as this checkout; no rebase")
    data = bars_of(profile)
    digest = config_hash(profile, data.fingerprint)
    try:
        return str(Results(desk.root).resolve(digest))
    except UnknownReference:
        raise StoreError(
            f"{profile.ref}: no run of kernel version {KERNEL_VERSION} has its configuration; "
            f"sweep again, then rebase: {_command(desk, profile)}"
        ) from None


def rebase_judgement(desk: Desk, ref: str, preset: Preset, *, allow_dirty: bool) -> Judgement:
    """The gate's word on the run of the present kernel."""
    question = Question(allow_dirty=allow_dirty)
    return judge(desk.root, ref, preset, question, open_registry(desk.root))


def rebase(
    desk: Desk, profile: Profile, judgement: Judgement, by: str, reason: str = ""
) -> Applied:
    """Promote the run of the present kernel as the next version of the profile.

    Raises:
        StoreError: the gate has refused it.
    """
    before = profile.versions["kernel"]
    own = f"{profile.ref} of kernel version {before} on kernel version {KERNEL_VERSION}"
    text = f"{own}: {reason}" if reason else own
    return apply(desk, judgement, Wish(profile=profile.profile, by=by, reason=text))


def _command(desk: Desk, profile: Profile) -> str:
    """The command of the profile's sweep, in backticks; words where its record is gone."""
    try:
        record = records.load(desk.root, str(profile.experiment["id"]))
    except StoreError:
        return f"the record of {profile.experiment['id']}, which has the command, is gone"
    return f"`{line(*again(record.command, desk.root))}`"
