"""The errors of the quantization tools, grouped by what the person does next.

QuantizeError             anything raised on purpose; its text is what, where, what to do
├── OptionError           change the command line, a sweep file or a device profile
├── InputError            a model, calibration or text file is missing, corrupt, unsafe or not of the expected shape
├── OutputError           the result cannot be written: disk full, no permission
└── ToolError             a library or tool that is needed is missing or of another version than the code was written for

That no file fits the asked budget is not an error but an answer: see `results.Fit.feasible`.
"""


class QuantizeError(Exception):
    """Root of all errors raised on purpose; `str(error)` is one sentence for a person."""


class OptionError(QuantizeError):
    """The command line, a sweep file or a device profile asks for something that cannot be."""


class InputError(QuantizeError):
    """A model, calibration or text file is missing, corrupt, unsafe or not of the expected shape."""


class OutputError(QuantizeError):
    """The result cannot be written."""


class ToolError(QuantizeError):
    """A library that is needed is missing, or its version is not the one that the code was written for."""
