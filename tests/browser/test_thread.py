"""What comes back from lesson to lesson: a missed question, after the kernel was shut down."""

import json
import re

from playwright.sync_api import expect

from course_utils import my_notebooks

from .conftest import ROOT
from .test_labs import open_cells, plain

BANK = json.loads((ROOT / "course_utils" / "question_bank.json").read_text(encoding="utf-8"))
FIRST = "from course_utils import recall, finish\nrecall('05')"


def answer(form, text, option, verdict):
    form.get_by_label(plain(BANK[text]["options"][option]), exact=True).check()
    form.get_by_role("button", name="Commit").click()
    expect(form.get_by_role("status")).to_have_text(re.compile(f"^{verdict}"))


def test_a_missed_question_comes_back_first_after_a_restart(server, open_notebook):
    record = server.root.parent / "progress.json"  # of all tests of this server
    record.unlink(missing_ok=True)
    name, other = "04-recall-cost", "02-recall-truncating"
    own = server.root / my_notebooks.MINE / "thread.ipynb"
    own.parent.mkdir(exist_ok=True)
    notebook = open_cells(
        server, open_notebook, "my_notebooks/thread", FIRST, "recall('06')", "finish('05')"
    )
    questions = notebook.page.locator(".sequence-question")
    expect(questions).to_have_count(2)
    expect(questions.locator("legend strong")).to_have_text(["From lesson 04.", "From lesson 02."])
    right = BANK[name]["answer"]
    answer(questions.nth(0), name, (right + 1) % len(BANK[name]["options"]), "Not so.")
    answer(questions.nth(0), name, right, "Right.")  # after the explanation: it does not count
    answer(questions.nth(1), other, BANK[other]["answer"], "Right.")

    notebook.command("docmanager:save")
    assert not my_notebooks._is_as_shipped(own)
    notebook.shut_down_kernel()
    notebook.page.close()

    my_notebooks.show_still_pictures(server.root)  # as the next start of the course does
    again = open_notebook("my_notebooks/thread.ipynb")
    still = again.page.locator(".jp-OutputArea-output", has_text="Run this cell to answer.")
    expect(still).to_have_count(2)
    expect(again.page.locator("body")).not_to_contain_text("Error displaying widget")
    again.run(FIRST)
    heading = again.page.locator(".sequence-question legend strong").first
    expect(heading).to_have_text("From lesson 04, missed last time.")
    again.run("finish('05')")
    told = again.page.locator(".jp-OutputArea-output", has_text="you are at the end")
    expect(told).to_contain_text("known: 1 of 5, missed: 1 (asked again first).")
    again.page.close()
    record.unlink()  # the other tests begin anew
