"""Writers: rows into a CSV, JSON lines, Parquet or DuckDB file, whole or not at all."""

import csv
import io
import json
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType

from papertag.errors import OutputError
from papertag.files import write_all
from papertag.records.record import Extraction
from papertag.records.rows import Row, columns, flat_rows, nested_rows

TABLE = "records"  # the name of the table in a DuckDB file


def check_output(path: Path) -> None:
    """Raise OutputError if a path's ending is of no format, or one not installed."""
    if path.suffix.lower() not in WRITERS:
        cure = f"name it {', '.join(list(WRITERS)[:-1])} or {list(WRITERS)[-1]}"
        raise OutputError("its ending tells no format", cure, str(path))
    if path.suffix.lower() in {".parquet", ".duckdb"}:
        _duckdb(path)


def write_records(
    path: Path, extractions: Iterable[Extraction], *, unlinked: bool = False
) -> None:
    """Write the records of papers to a file, by its ending; OutputError if it fails."""
    check_output(path)
    write_all({path: WRITERS[path.suffix.lower()](path, extractions, unlinked)})


def _csv(path: Path, extractions: Iterable[Extraction], unlinked: bool) -> bytes:
    del path
    file = io.StringIO()
    table = csv.DictWriter(file, list(columns()), lineterminator="\n")
    table.writeheader()
    for row in flat_rows(extractions, unlinked=unlinked):
        table.writerow({name: _plain(value) for name, value in row.items()})
    return file.getvalue().encode()


def _jsonl(path: Path, extractions: Iterable[Extraction], unlinked: bool) -> bytes:
    del path
    rows = nested_rows(extractions, unlinked=unlinked)
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def _parquet(path: Path, extractions: Iterable[Extraction], unlinked: bool) -> bytes:
    return _by_duckdb(
        path, flat_rows(extractions, unlinked=unlinked), "records.parquet"
    )


def _database(path: Path, extractions: Iterable[Extraction], unlinked: bool) -> bytes:
    return _by_duckdb(path, flat_rows(extractions, unlinked=unlinked), "records.duckdb")


Writer = Callable[[Path, Iterable[Extraction], bool], bytes]
WRITERS: dict[str, Writer] = {
    ".csv": _csv,
    ".jsonl": _jsonl,
    ".parquet": _parquet,
    ".duckdb": _database,
}


def _by_duckdb(path: Path, rows: Iterable[Row], name: str) -> bytes:
    """Return the bytes of a file of one table, made in a folder for the moment."""
    duckdb = _duckdb(path)
    names = columns()
    fields = ", ".join(f'"{column}" {kind}' for column, kind in names.items())
    values = [[row.get(column) for column in names] for row in rows]
    with tempfile.TemporaryDirectory(prefix="papertag-") as folder:
        file = Path(folder, name)
        is_table = name.endswith(".duckdb")
        try:
            with duckdb.connect(str(file) if is_table else ":memory:") as database:
                database.execute(f"CREATE TABLE {TABLE} ({fields})")
                if values:
                    marks = ", ".join("?" * len(names))
                    database.executemany(
                        f"INSERT INTO {TABLE} VALUES ({marks})", values
                    )
                if not is_table:
                    database.execute(f"COPY {TABLE} TO '{file}' (FORMAT parquet)")
        except duckdb.Error as error:
            problem = f"cannot be written: {error}"
            raise OutputError(
                problem, "check the space on the disk", str(path)
            ) from error
        return file.read_bytes()


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
