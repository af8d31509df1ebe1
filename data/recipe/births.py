"""Build us_births_1969_1988.csv: the number of births in the United States on each day."""

import csv
import datetime
import io
import itertools

from basics import RecipeError, csv_bytes
from pinned_packages import US_BIRTHS

FILE_NAME = "us_births_1969_1988.csv"
SOURCES = {US_BIRTHS: ("package/data/data.csv",)}


def build(source: bytes) -> bytes:
    """Return the CSV file, from the package's table. Columns: date, births."""
    days = [_read_day(row) for row in csv.DictReader(io.StringIO(source.decode("utf-8")))]
    _check_no_gap([date for date, _ in days])
    return csv_bytes(("date", "births"), [(date.isoformat(), births) for date, births in days])


def _read_day(row: dict[str, str]) -> tuple[datetime.date, int]:
    """Return the date and the births of one row, after checking its weekday."""
    date = datetime.date(int(row["year"]), int(row["month"]), int(row["date_of_month"]))
    if date.isoweekday() != int(row["day_of_week"]):
        raise RecipeError(f"The births of {date} are filed under a wrong day of the week.")
    return date, int(row["births"])


def _check_no_gap(dates: list[datetime.date]) -> None:
    """Raise RecipeError unless each date follows the one before it."""
    for before, after in itertools.pairwise(dates):
        if (after - before).days != 1:
            raise RecipeError(f"The births have a gap: {after} comes right after {before}.")
