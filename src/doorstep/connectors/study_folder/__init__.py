"""The folder of a study: a JSON file of its figures, by which it is known, a CSV file a table, and ``report.html``."""

from doorstep.connectors.study_folder.transport import refuse_other_folders, write_study

__all__ = ["refuse_other_folders", "write_study"]
