"""The errors of the bridge, grouped by what the caller does next.

LinkError               anything this package raises on purpose; its text is what, where, what to do
├── AddressError        the URI, the option or the file is wrong: the person changes the command line
├── MediumError         the port, the radio or the socket failed: the session tries again by itself
├── ProtocolError       the peer breaks the protocol: the session ends and says so
│   └── MessageError    one message cannot be read: it is dropped and counted
├── DeviceError         the device said no, or not in time: the text says why
├── QueueFull           more was asked for than the link can carry: slow down
└── UpdateError         the firmware image was not taken
"""


class LinkError(Exception):
    """Root of all errors raised on purpose; `str(error)` is one sentence for a person."""


class AddressError(LinkError):
    """A URI, an option or a file given by a person is not usable."""


class MediumError(LinkError):
    """A port, a radio or a socket could not be opened, or broke."""


class ProtocolError(LinkError):
    """The peer sends what the protocol forbids."""


class MessageError(ProtocolError):
    """A message is too short, too long or holds an impossible value."""


class DeviceError(LinkError):
    """The device refused, or did not answer in time."""


class QueueFull(LinkError):
    """The queue to the device is full."""


class UpdateError(LinkError):
    """The device did not take a firmware image."""
