"""What becomes of models that break: real child processes, and a healthy neighbour in each run."""

import textwrap
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from benchmark import processes
from benchmark.trials.executor import Limits, execute
from benchmark.trials.task import Task
from models import Context

N_CLASSES = 3
NEIGHBOUR = "Neighbour"

PLUGIN = """
import ctypes, logging, os, signal, subprocess, sys, threading, time
import numpy as np
from models import Unavailable, model

class Neighbour:
    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self
    def predict(self, X):
        return np.digitize(X[:, 0], [0.5, 1.5])

class Broken(Neighbour):
{body}

@model("Neighbour", family="classical", inputs="features")
def build_neighbour(context):
    return Neighbour()

@model("Broken", family="classical", inputs="features")
def build_broken(context):
    return Broken()
"""


@pytest.fixture(autouse=True, scope="module")
def _warm():
    processes.warm_up(["benchmark.trials.libraries"])


@pytest.fixture
def splits(tmp_path):
    """Three splits whose first column is the label: split to its (file, labels)."""
    generator = np.random.default_rng(0)
    made = {}
    for name, n in (("train", 30), ("val", 12), ("test", 9)):
        labels = generator.permutation(np.arange(n) % N_CLASSES)
        table = np.column_stack([labels, generator.normal(size=(n, 2))]).astype(float)
        np.save(tmp_path / f"{name}.npy", table)
        made[name] = (tmp_path / f"{name}.npy", labels)
    return made


@pytest.fixture
def tasks(tmp_path, splits):
    """Make the tasks of a plugin file: its broken model, then its healthy one."""

    def make(body: str, models=("Broken", NEIGHBOUR), more="") -> list[Task]:
        plugin = tmp_path / "plugin.py"
        body = textwrap.indent(textwrap.dedent(body), "    ")
        plugin.write_text(PLUGIN.format(body=body) + more, encoding="utf-8")
        return [
            Task(
                model=name,
                origin=str(plugin),
                context=Context(n_classes=N_CLASSES),
                inputs={split: file for split, (file, _) in splits.items()},
                labels={split: labels for split, (_, labels) in splits.items()},
            )
            for name in models
        ]

    return make


@pytest.fixture
def verdict(tasks, splits):
    """Run a broken model beside its healthy neighbour; return what became of the broken one."""

    def run(body: str, seconds=30.0, memory_gb=4.0, messages=None):
        messages = [] if messages is None else messages
        outcomes = {}
        for index, outcome, _ in execute(
            tasks(body),
            jobs=2,
            limits=Limits(seconds, memory_gb),
            on_start=lambda index: None,
            on_message=lambda index, text: messages.append(text),
        ):
            outcomes[index] = outcome
        neighbour = outcomes[1]
        assert neighbour.status == "ok", neighbour.reason
        for split in ("val", "test"):
            np.testing.assert_array_equal(neighbour.answers[split].predicted, splits[split][1])
        return outcomes[0]

    return run


def gone(pid: int, patience: float = 5.0) -> bool:
    """Whether a process ends within some seconds; a zombie that nobody has reaped has ended."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.05)
    return False


def pids_in(path: Path) -> list[int]:
    return [int(line) for line in path.read_text().split()]


# --- crashes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("raise ValueError('two\\nlines')", "ValueError: two lines"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("raise type('Odd', (BaseException,), {})('odd')", "Odd: odd"),
        ("sys.exit()", "SystemExit"),
        ("sys.exit('no licence')", "SystemExit: no licence"),
        ("raise type('Closed', (Exception,), {'__reduce__': None})('x')", "Closed: x"),
        ("raise type('Mute', (Exception,), {'__str__': lambda s: 1 / 0})()", "Mute"),
        ("os._exit(3)", "ended its process with exit code 3 and without an answer"),
        ("os._exit(0)", "ended its process with exit code 0 and without an answer"),
        ("os.kill(os.getpid(), signal.SIGTERM)", "killed by signal 15 (SIGTERM)"),
        ("os.abort()", "killed by signal 6 (SIGABRT)"),
        ("ctypes.string_at(0)", "killed by signal 11 (SIGSEGV)"),
        ("return not_defined", "NameError: name 'not_defined' is not defined"),
        ("(f := lambda: f())()", "RecursionError: maximum recursion depth exceeded"),
    ],
)
def test_a_crash_in_fit_is_a_failed_row_that_says_how(verdict, statement, reason):
    outcome = verdict(f"def fit(self, X, y):\n    {statement}")
    assert outcome.status == "failed"
    assert outcome.reason.endswith(reason)
    assert outcome.answers == {}


def test_a_sigkill_from_nowhere_hints_at_the_system_s_memory(verdict):
    outcome = verdict("def predict(self, X):\n    os.kill(os.getpid(), signal.SIGKILL)")
    assert outcome.status == "failed"
    assert "killed by signal 9 (SIGKILL); the system may have run out of memory" in outcome.reason


def test_what_a_failed_model_printed_is_kept_from_python_and_from_c(verdict):
    outcome = verdict("""
        def fit(self, X, y):
            print("said in Python")
            os.write(2, b"said in C")
            raise ValueError("after it")
    """)
    assert "said in Python" in outcome.details["output"]
    assert "said in C" in outcome.details["output"]
    assert "after it" in outcome.details["traceback"]


def test_of_a_flood_of_output_only_the_end_is_kept(verdict):
    outcome = verdict("""
        def fit(self, X, y):
            for _ in range(300):
                print("x" * 100_000)
            print("the end")
            raise ValueError("flooded")
    """)
    assert outcome.reason == "ValueError: flooded"
    assert outcome.details["output"].endswith("the end\n")
    assert len(outcome.details["output"]) <= 4000


@pytest.mark.parametrize(
    "statement", ["sys.stdout.close(); sys.stderr.close()", "os.close(1); os.close(2)",
                  "sys.stdout = sys.stderr = None"],
)  # fmt: skip
def test_closed_streams_do_not_hide_what_went_wrong(verdict, statement):
    outcome = verdict(f"def fit(self, X, y):\n    {statement}\n    raise ValueError('behind it')")
    assert (outcome.status, outcome.reason) == ("failed", "ValueError: behind it")


def test_a_model_that_closes_every_file_it_finds_is_failed(verdict):
    outcome = verdict("""
        def fit(self, X, y):
            os.closerange(3, 1000)
            return self
    """)
    assert outcome.status == "failed"
    assert "without an answer" in outcome.reason


def test_an_endless_reason_is_cut(verdict):
    outcome = verdict("def fit(self, X, y):\n    raise ValueError('x' * 10_000_000)")
    assert outcome.reason.startswith("ValueError: xxx")
    assert len(outcome.reason) <= 1000


def test_a_model_that_says_what_it_lacks_is_unavailable(verdict):
    outcome = verdict("def fit(self, X, y):\n    raise Unavailable('no licence; buy one')")
    assert (outcome.status, outcome.reason) == ("unavailable", "no licence; buy one")


# --- time --------------------------------------------------------------------------------------


HANGS = {
    "IgnoresSigterm": "signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)",
    "BlocksSignals": "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65)); time.sleep(600)",
    "InCWithTheInterpreterLock": "ctypes.PyDLL(None).sleep(600)",
    "Stopped": "os.kill(os.getpid(), signal.SIGSTOP)",
    "FloodsTheRunner": "while True: logging.getLogger('models').info('still busy')",
}


def test_hanging_models_of_all_kinds_are_killed_when_their_time_is_up(tasks, tmp_path):
    """All at once, beside one that answers, and one that hangs only when it is asked."""
    written = f"open({str(tmp_path / 'pids')!r}, 'a').write(f'{{os.getpid()}}\\n')"
    more = "\n".join(
        f"class {name}(Neighbour):\n"
        "    def fit(self, X, y):\n"
        f"        {written}\n"
        f"        {hang}\n"
        f"model({name!r}, family='classical', inputs='features')(lambda c: {name}())"
        for name, hang in HANGS.items()
    )
    hanging = [*HANGS, "Broken"]
    started = time.monotonic()
    outcomes = execute(
        tasks("def predict(self, X): time.sleep(600)", [*hanging, NEIGHBOUR], more),
        len(hanging) + 1, Limits(4.0, 4.0), lambda _: None, lambda *_: None,
    )  # fmt: skip
    verdicts = {index: (outcome.status, outcome.reason) for index, outcome, _ in outcomes}
    assert verdicts.pop(len(hanging)) == ("ok", "")
    assert set(verdicts.values()) == {("timeout", "killed after 4 s (--timeout)")}
    assert time.monotonic() - started < 12
    pids = pids_in(tmp_path / "pids")
    assert len(pids) == len(HANGS)
    assert all(gone(pid) for pid in pids)


# --- memory ------------------------------------------------------------------------------------

EATS = "held = []\nwhile True:\n    held.append(np.ones(4_000_000)); time.sleep(0.01)"


def test_a_model_that_eats_memory_is_killed_at_the_limit(verdict):
    outcome = verdict("def fit(self, X, y):\n" + textwrap.indent(EATS, "    "), memory_gb=1.2)
    assert outcome.status == "memory"
    assert "the limit is 1.20 GB (--memory-limit)" in outcome.reason
    assert 1200 < outcome.peak_memory_mb < 2400


def test_memory_that_a_model_s_own_process_eats_counts(verdict, tmp_path):
    outcome = verdict(
        f"""
        def fit(self, X, y):
            code = "import numpy as np, time\\n" + {EATS!r}
            eater = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
            open({str(tmp_path / "pid")!r}, "w").write(str(eater.pid))
            eater.wait()
        """,
        memory_gb=1.2,
    )
    assert outcome.status == "memory"
    assert all(gone(pid) for pid in pids_in(tmp_path / "pid"))


def test_more_memory_than_any_machine_has_is_a_memory_row(verdict):
    outcome = verdict("def fit(self, X, y):\n    np.ones(10**15)")
    assert outcome.status == "memory"
    assert outcome.reason.startswith("out of memory: Unable to allocate")


def test_memory_that_torch_is_not_given_is_a_memory_row(verdict):
    pytest.importorskip("torch")
    outcome = verdict("def fit(self, X, y):\n    import torch\n    torch.empty(2**48)")
    assert outcome.status == "memory"
    assert "allocate" in outcome.reason


# --- what models leave behind --------------------------------------------------------------------


@pytest.mark.parametrize("new_session", [False, True])
@pytest.mark.parametrize("ending", ["return self", "time.sleep(0.3); os._exit(1)"])
def test_no_process_outlives_the_model_that_started_it(verdict, tmp_path, new_session, ending):
    outcome = verdict(f"""
        def fit(self, X, y):
            self.classes_ = np.unique(y)
            sleeper = subprocess.Popen(["sleep", "600"], start_new_session={new_session})
            open({str(tmp_path / "pid")!r}, "w").write(str(sleeper.pid))
            {ending}
    """)
    assert outcome.status == ("ok" if ending == "return self" else "failed")
    assert all(gone(pid) for pid in pids_in(tmp_path / "pid"))


def test_a_thread_that_never_ends_does_not_hold_up_the_row(verdict):
    started = time.monotonic()
    outcome = verdict("""
        def fit(self, X, y):
            self.classes_ = np.unique(y)
            threading.Thread(target=time.sleep, args=(600,)).start()
            return self
    """)
    assert outcome.status == "ok"
    assert time.monotonic() - started < 10


def test_inputs_changed_in_place_are_changed_for_that_model_alone(verdict, splits):
    before = {name: file.read_bytes() for name, (file, _) in splits.items()}
    outcome = verdict("""
        def fit(self, X, y):
            X[:] = -1.0
            y[:] = 0
            return super().fit(X, y)
        def predict(self, X):
            X[:] = 2.0
            return super().predict(X)
    """)
    assert outcome.answers == {} or set(outcome.answers["val"].predicted) == {2}
    assert {name: file.read_bytes() for name, (file, _) in splits.items()} == before


def test_closing_the_run_kills_what_is_running(tasks, tmp_path):
    def told(index, text):
        raise KeyboardInterrupt

    body = f"""
        def fit(self, X, y):
            open({str(tmp_path / "pid")!r}, "w").write(str(os.getpid()))
            logging.getLogger("models").info("ready")
            time.sleep(600)
    """
    with pytest.raises(KeyboardInterrupt):
        list(execute(tasks(body), 2, Limits(None, 4.0), lambda index: None, told))
    assert all(gone(pid) for pid in pids_in(tmp_path / "pid"))


# --- messages ----------------------------------------------------------------------------------


def test_a_model_s_log_reaches_the_display_in_short_single_lines(verdict):
    messages = []
    outcome = verdict(
        """
        def fit(self, X, y):
            log = logging.getLogger("models.mine")
            log.info("epoch 1\\nof 2")
            log.info("y" * 10_000_000)
            log.debug("too fine to show")
            return super().fit(X, y)
        """,
        messages=messages,
    )
    assert outcome.status == "ok"
    assert messages[0] == "epoch 1 of 2"
    assert messages[1].startswith("yyy")
    assert len(messages) == 2
    assert len(messages[1]) <= 1000


def test_what_a_model_warns_of_is_a_note(verdict):
    messages = []
    outcome = verdict(
        """
        def fit(self, X, y):
            logging.getLogger("models.mine").warning("out of memory: batches are halved")
            return super().fit(X, y)
        """,
        messages=messages,
    )
    assert outcome.status == "ok"
    assert messages == ["note: out of memory: batches are halved"]


def test_a_log_line_that_cannot_be_formatted_does_not_fail_the_model(verdict):
    outcome = verdict("""
        def fit(self, X, y):
            logging.getLogger("models").info("epoch %d", "one")
            return super().fit(X, y)
    """)
    assert outcome.status == "ok"


def test_threads_that_log_until_the_end_do_not_garble_the_answer(verdict):
    outcome = verdict("""
        def fit(self, X, y):
            def chatter():
                while True:
                    logging.getLogger("models").info("z" * 900)
            for _ in range(4):
                threading.Thread(target=chatter, daemon=True).start()
            return super().fit(X, y)
    """)
    assert outcome.status == "ok", outcome.reason


# --- the estimators that are welcome -----------------------------------------------------------


def test_an_estimator_whose_fit_returns_none_is_asked_itself(verdict):
    outcome = verdict("def fit(self, X, y):\n    self.classes_ = np.unique(y)")
    assert outcome.status == "ok"


def test_an_estimator_without_scores_has_its_answers_with_no_scores(verdict, splits):
    outcome = verdict("pass")
    assert outcome.status == "ok"
    for split in ("val", "test"):
        np.testing.assert_array_equal(outcome.answers[split].predicted, splits[split][1])
        assert outcome.answers[split].scores is None
        assert outcome.answers[split].kind == ""


def test_what_an_estimator_says_of_itself_is_kept(verdict):
    outcome = verdict("""
        n_parameters_ = np.int64(12)
        notes_ = ["stopped early"]
        history_ = [{"epoch": np.int64(1), "loss": 0.5}]
    """)
    assert outcome.parameter_count == 12
    assert outcome.notes == ("stopped early",)
    assert outcome.details["history"][0]["loss"] == 0.5
    assert "precision" not in outcome.details


def test_in_which_precision_an_estimator_computed_is_kept(verdict):
    assert verdict("precision_ = 'bfloat16'").details["precision"] == "bfloat16"


def test_how_a_training_went_that_broke_off_is_kept(verdict):
    outcome = verdict("""
        def fit(self, X, y):
            error = FloatingPointError("diverged")
            error.history = [{"epoch": 1, "loss": 0.5}]
            raise error
    """)
    assert outcome.status == "failed"
    assert outcome.reason == "FloatingPointError: diverged"
    assert outcome.details["history"] == [{"epoch": 1, "loss": 0.5}]
    assert "traceback" in outcome.details


@pytest.mark.parametrize(
    "attribute",
    ["notes_ = 'one note'", "notes_ = None", "history_ = {(1, 2): object()}",
     "n_parameters_ = 'many'", "n_parameters_ = lambda self: 3"],
)  # fmt: skip
def test_odd_words_of_an_estimator_about_itself_do_not_cost_it_its_row(verdict, attribute):
    outcome = verdict(attribute)
    assert outcome.status == "ok", outcome.reason
    assert all(len(note) > 1 for note in outcome.notes)


def test_at_most_jobs_trials_run_at_a_time_and_each_knows_its_threads(tasks, tmp_path):
    """A trial waits until as many have begun as may: however slow the machine, those overlap."""
    for jobs in (1, 2):
        folder = tmp_path / str(jobs)
        folder.mkdir()
        body = f"""
            def fit(self, X, y):
                import pathlib, threadpoolctl
                started = time.monotonic()
                folder = pathlib.Path({str(folder)!r})
                (folder / f"begun-{{os.getpid()}}").touch()
                until = started + 60
                while len(list(folder.glob("begun-*"))) < {jobs} and time.monotonic() < until:
                    time.sleep(0.01)
                np.ones((200, 200)) @ np.ones((200, 200))
                threads = max(pool["num_threads"] for pool in threadpoolctl.threadpool_info())
                with open(folder / "log", "a") as log:
                    log.write(f"{{started}} {{time.monotonic()}} {{threads}}\\n")
                return super().fit(X, y)
        """
        given = tasks(body, ["Broken"] * 4)
        ended = list(execute(given, jobs, Limits(None, 4.0), lambda _: None, lambda *_: 0))
        assert [outcome.status for _, outcome, _ in ended] == ["ok"] * 4
        spans = [line.split() for line in (folder / "log").read_text().splitlines()]
        moments = sorted((float(at), step) for a, b, _ in spans for at, step in ((a, 1), (b, -1)))
        running = np.cumsum([step for _, step in moments])
        assert running.max() == jobs
        assert {int(threads) for *_, threads in spans} == {1}


def test_a_child_hears_no_ctrl_c_and_is_a_group_of_its_own(verdict):
    outcome = verdict("""
        def fit(self, X, y):
            os.kill(os.getpid(), signal.SIGINT)
            assert os.getpgid(0) == os.getpid()
            return super().fit(X, y)
    """)
    assert outcome.status == "ok", outcome.reason
