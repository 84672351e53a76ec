"""CXPort: get contact-centre data out, complete, on time, sealed to your certificate."""

__version__ = "0.1.0"
