"""Writers: rows into a CSV, JSON lines, Parquet or DuckDB file, whole or not at all."""

import csv
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from types import ModuleType

from papertag.errors import OutputError
from papertag.files import write_file
from papertag.records.rows import Row, columns

TABLE = "records"  # the name of the table in a DuckDB file
NESTED = ".jsonl"  # the ending of the file whose rows are nested


def check_output(path: Path) -> None:
    """Raise OutputError if a path's ending is of no format, or one not installed."""
    if path.suffix.lower() not in WRITERS:
        cure = f"name it {', '.join(list(WRITERS)[:-1])} or {list(WRITERS)[-1]}"
        raise OutputError("its ending tells no format", cure, str(path))
    if path.suffix.lower() in {".parquet", ".duckdb"}:
        _duckdb(path)


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Write rows to a file, by its ending: nested ones to ``.jsonl``, else flat ones.

    The rows are taken one by one. Raises OutputError if it fails.
    """
    check_output(path)
    write_file(path, partial(WRITERS[path.suffix.lower()], rows))


def write_lines(rows: Iterable[Row], path: Path) -> None:
    """Write rows as JSON lines, in place of a file."""
    with path.open("w", encoding="utf8", errors="replace", newline="") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _csv(rows: Iterable[Row], path: Path) -> None:
    with path.open("w", encoding="utf8", errors="replace", newline="") as file:
        table = csv.DictWriter(file, list(columns()), lineterminator="\n")
        table.writeheader()
        for row in rows:
            table.writerow({name: _plain(value) for name, value in row.items()})


def _parquet(rows: Iterable[Row], path: Path) -> None:
    _by_duckdb(rows, path, is_database=False)


def _database(rows: Iterable[Row], path: Path) -> None:
    _by_duckdb(rows, path, is_database=True)


Writer = Callable[[Iterable[Row], Path], None]
WRITERS: dict[str, Writer] = {
    ".csv": _csv,
    ".jsonl": write_lines,
    ".parquet": _parquet,
    ".duckdb": _database,
}


def _by_duckdb(rows: Iterable[Row], path: Path, *, is_database: bool) -> None:
    """Make a table, by way of JSON lines, where the path has no sign of SQL."""
    duckdb = _duckdb(path)
    kinds = ", ".join(f'"{column}" {kind}' for column, kind in columns().items())
    names = ", ".join(f'"{column}"' for column in columns())
    with tempfile.TemporaryDirectory(prefix="papertag-") as folder:
        lines, made = Path(folder, "rows.jsonl"), Path(folder, "table")
        write_lines(rows, lines)
        try:
            with duckdb.connect(str(made) if is_database else ":memory:") as database:
                database.execute(f"CREATE TABLE {TABLE} ({kinds})")
                database.execute(
                    f"INSERT INTO {TABLE} SELECT {names} FROM read_json('{lines}', "
                    f"format = 'newline_delimited', columns = {columns()!r})"
                )
                if not is_database:
                    database.execute(f"COPY {TABLE} TO '{made}' (FORMAT parquet)")
        except duckdb.Error as error:
            problem = f"cannot be written: {str(error).splitlines()[0]}"
            cure = "check the space on the disk"
            raise OutputError(problem, cure, str(path)) from error
        shutil.copyfile(made, path)


def _duckdb(path: Path) -> ModuleType:
    try:
        import duckdb
    except ImportError as error:
        cure = "pip install 'papertag[records]'"
        raise OutputError(
            "needs duckdb, which is not installed", cure, str(path)
        ) from error
    return duckdb


def _plain(value: object) -> object:
    """Return whole numbers without a point, for a CSV cell."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
