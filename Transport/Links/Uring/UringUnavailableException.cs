using System.ComponentModel;

namespace Kameo.Actors.Transport.Links.Uring;

/// <summary>This machine, or who confines this process, does not allow io_uring; the message says why, as half a sentence.</summary>
internal sealed class UringUnavailableException(string message) : Exception(message)
{
    private const int NotPermitted = 1;
    private const int NoMemory = 12;
    private const int AccessDenied = 13;
    private const int NotImplemented = 38;

    /// <summary>Of an error number that a system call gave.</summary>
    /// <param name="call">What was called.</param>
    /// <param name="error">The number, positive.</param>
    public static UringUnavailableException Of(string call, int error) => new(error switch
    {
        NotImplemented => $"this kernel has no io_uring, or it is hidden ({call}: ENOSYS)",
        NotPermitted or AccessDenied => $"io_uring is forbidden here, by kernel.io_uring_disabled or a seccomp filter ({call}: {(error == NotPermitted ? "EPERM" : "EACCES")})",
        NoMemory => $"the kernel gives no memory for the rings, which RLIMIT_MEMLOCK may bound ({call}: ENOMEM)",
        _ => $"{call} failed with error {error}: {new Win32Exception(error).Message}",
    });
}
