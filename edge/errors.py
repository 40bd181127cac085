"""The errors of the runtime, grouped by what the caller does next.

EdgeError                 anything this package raises on purpose; its text is what, where, what to do
├── ConfigError           the person changes the configuration or the command line
├── SourceError           a device or file could not be read: retried live, fatal in a replay
├── ModelError            a model is missing, corrupt or not what it should be
└── ReasonError           no answer from where it was asked for: ask somewhere else
    ├── DeadlineExceeded
    ├── RemoteUnavailable
    ├── BudgetExceeded
    └── PrivacyRefused
"""


class EdgeError(Exception):
    """Root of all errors raised on purpose; `str(error)` is one sentence for a person."""


class ConfigError(EdgeError):
    """The configuration or the command line asks for something that cannot be."""


class SourceError(EdgeError):
    """A camera, microphone, file or link could not be read."""


class ModelError(EdgeError):
    """A model file is missing, corrupt, or not of the expected shape."""


class ReasonError(EdgeError):
    """No answer could be had from where it was asked for."""


class DeadlineExceeded(ReasonError):
    """The answer would come too late."""


class RemoteUnavailable(ReasonError):
    """The cloud or the network does not respond."""


class BudgetExceeded(ReasonError):
    """The answer would cost more than is left."""


class PrivacyRefused(ReasonError):
    """The policy says that this query must not leave the device."""
