"""Words by which columns and cells of behavioural tables are recognised."""

from __future__ import annotations

import re
from collections.abc import Sequence

# names of columns in small letters without other signs; those of a line are equally likely, an earlier line is likelier
NAMES: dict[str, tuple[tuple[str, ...], ...]] = {
    "subject": (
        (
            "subject",
            "subjectid",
            "subjid",
            "subj",
            "subid",
            "sub",
            "participant",
            "participantid",
            "ppt",
            "pp",
            "sid",
            "ppid",
        ),
        ("subjno", "subno", "subjnum", "subnum", "subjectno", "subjectnum", "ppno", "participantno", "participantnum"),
        ("mouse", "mouseid", "rat", "ratid", "monkey", "animal", "animalid", "prolificpid", "workerid", "person"),
        ("id", "pid", "uid", "userid", "user", "name", "runid", "subjectnumber", "participantnumber"),
    ),
    "session": (("session", "sessionid", "sess", "sessionnumber"), ("day", "date", "visit")),
    "block": (
        ("block", "blocknumber", "blocknum", "blockid", "blockno"),
        ("run", "game", "episode", "round", "trialsthisrepn", "blocksthisn", "blocksthisrepn"),
    ),
    "trial": (
        ("trial", "trialnumber", "trialnum", "trialno", "trialid", "ntrial", "trials"),
        ("trialindex", "trialsthisn", "trialsthistrialn", "t"),
    ),
    "action": (
        ("action", "choice", "chosen", "choices", "actions", "decision", "firstchoice", "choice1", "action1"),
        ("stage1choice", "choicestage1", "step1choice", "level1choice", "stepone", "stage1response", "response1"),
        ("response", "resp", "selection", "selected", "arm", "option", "chosenarm", "chosenoption", "deck", "bandit"),
        (
            "selectedbox",
            "chosenbox",
            "selectedside",
            "chosenside",
            "selectedstimulus",
            "chosenstimulus",
            "chosenstim",
            "pick",
        ),
        ("key", "keypress", "keyresp", "keyrespkeys", "keypressed", "button", "buttonpressed", "side"),
    ),
    "reward": (
        ("reward", "rewards", "outcome", "outcomes", "rew", "rewarded", "payoff", "payout"),
        ("feedback", "points", "win", "won", "score", "money", "earned", "result", "correct", "r"),
    ),
    "gain": (("gain", "gains", "wins", "won"), ("win",)),
    "loss": (("loss", "losses", "lost"), ("lose",)),
    "state": (
        ("state", "state2", "secondstate", "stage2state", "secondstagestate", "finalstate", "secondstep"),
        ("stage2", "level2state", "planet", "box"),
    ),
    "action2": (
        ("action2", "choice2", "secondchoice", "stage2choice", "choicestage2", "step2choice", "level2choice"),
        ("response2", "stage2response", "resp2", "steptwo"),
    ),
    "transition": (("transition", "transitiontype", "common", "iscommon", "transcommon", "rare", "transitions"),),
}
KINDS = (
    "phase",
    "blocktype",
    "trialtype",
    "stage",
    "practice",
    "part",
    "section",
    "tasktype",
    "component",
    "trialpart",
    "trialname",
    "task",
    "event",
    "eventtype",
    "screen",
    "screenname",
    "display",
    "zonetype",
)
OTHER = re.compile(r"practi|train|instruct|questionn|survey|demograph|warm|example|fixation|consent|debrief", re.I)
PEOPLE = ("condition", "drug", "treatment", "dose", "medication", "sessiontype", "cond", "manipulation")
MISSED = re.compile(
    r"time ?-?_?out|timed ?out|miss(ed|ing)?|no[ _-]?(resp(onse)?|choice|answer)|omission|too ?slow|skip(ped)?|invalid",
    re.I,
)
FLAGS = {  # names of columns that tell missed trials: what they say of one
    ("missed", "miss", "missing", "timeout", "timedout", "noresponse", "omission", "toolate", "nochoice"): 1,
    ("valid", "responded", "hasresponse", "isvalid"): 0,
}
NUMBERS_OF_NOTHING = (-9, 99, -99, 999, -999, 9999, -9999)
SIDES = (("left", "right"), ("l", "r"), ("links", "rechts"), ("leftarrow", "rightarrow"), ("arrowleft", "arrowright"))
WON = re.compile(r"win|won|reward(ed)?|correct|yes|gain|hit|success|pos(itive)?", re.I)
LOST = re.compile(
    r"loss|lose|lost|no[ _-]?win|un?[ _-]?rewarded|no[ _-]?reward|omission|incorrect|wrong|no|nothing|fail(ure)?|miss|"
    r"neg(ative)?|neutral|zero",
    re.I,
)
MOST_COVARIATES = 20


def plain(name: str) -> str:
    """A column's name in small letters, without other signs than letters and digits."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def by_name(canonical: str, header: Sequence[str], taken: Sequence[str] = ()) -> list[str]:
    """The columns that may be `canonical` by their names: of the likeliest names that there are."""
    for names in NAMES[canonical]:
        if found := [name for name in header if plain(name) in names and name not in taken]:
            return found
    return []
