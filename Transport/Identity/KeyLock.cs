namespace Kameo.Actors.Transport;

/// <summary>Holds the file of a node's key while the node lives, so that no second process on this machine is the same peer at the same time. Elsewhere the cluster refuses the second one.</summary>
/// <remarks>On Unix .NET takes an advisory lock (flock) on the file itself, which also works where nothing may be written, as in a mounted secret; what cannot be locked, as on some network file systems, is not.</remarks>
internal sealed class KeyLock : IDisposable
{
    private const int WindowsSharingViolation = unchecked((int)0x80070020);
    private const int LinuxWouldBlock = 11;
    private const int MacWouldBlock = 35;

    private readonly FileStream _file;

    private KeyLock(FileStream file) => _file = file;

    /// <summary>Takes it.</summary>
    /// <returns>Null for a key that is of no file, or of one that is gone or cannot be locked.</returns>
    /// <exception cref="TransportException">Another node has it.</exception>
    public static KeyLock? Take(string? path)
    {
        if (path is null)
        {
            return null;
        }

        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.None, bufferSize: 0);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            return null;
        }
        catch (IOException exception)
        {
            return IsHeld(exception) ? throw new TransportException(CloseReason.None, $"The key file '{path}' is in use by a node that runs: two nodes cannot be the same peer.", exception) : null;
        }

        return new KeyLock(file);
    }

    /// <summary>Whether a file could not be opened because somebody holds it.</summary>
    public static bool IsHeld(IOException exception) =>
        exception.HResult == (OperatingSystem.IsWindows() ? WindowsSharingViolation : OperatingSystem.IsLinux() ? LinuxWouldBlock : MacWouldBlock);

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
