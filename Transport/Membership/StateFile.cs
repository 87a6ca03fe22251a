using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Views.Log;
using Kameo.Actors.Transport.Views.Wire;

namespace Kameo.Actors.Transport.Membership;

/// <summary>
/// What a steward keeps over a restart, in a directory of the node's own: replaced whole or not at all, with a checksum, synced before the caller goes on. The directory is locked as long as this lives.
/// </summary>
internal sealed partial class StateFile : IDisposable
{
    private const string FileName = "membership.state";
    /// <summary>EINVAL, the same number on Linux and macOS.</summary>
    private const int InvalidArgument = 22;

    private const string LockName = "membership.lock";

    /// <summary>The largest file that is read: the log of 10,000 members many times over.</summary>
    private const long FileBytesMax = 256 * 1024 * 1024;

    private readonly string _directory;
    private readonly string _path;
    private readonly FileStream _lock;

    private StateFile(string directory, FileStream held)
    {
        _directory = directory;
        _path = Path.Combine(directory, FileName);
        _lock = held;
    }

    /// <summary>Opens the directory, made if it is not there, and locks it.</summary>
    /// <exception cref="TransportException">It cannot be made or written, or another process has it.</exception>
    public static StateFile Open(string directory)
    {
        try
        {
            Directory.CreateDirectory(directory);
            var held = new FileStream(Path.Combine(directory, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return new StateFile(directory, held);
        }
        catch (IOException exception) when (KeyLock.IsHeld(exception))
        {
            throw new TransportException(CloseReason.None, $"The state directory '{directory}' is in use by a node that runs.", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new TransportException(CloseReason.None, $"The state directory '{directory}' cannot be used: {exception.Message}", exception);
        }
    }

    /// <summary>Reads what was kept; null for nothing.</summary>
    /// <exception cref="TransportException">There is something that cannot be read: without it this node might break what it promised, so an operator must remove it.</exception>
    public StewardState? Read(PeerId self)
    {
        try
        {
            if (!File.Exists(_path))
            {
                return null;
            }

            if (new FileInfo(_path).Length > FileBytesMax)
            {
                throw new MessagePackException($"it is larger than {FileBytesMax} bytes.");
            }

            byte[] bytes = File.ReadAllBytes(_path);
            int length = bytes.Length - SHA256.HashSizeInBytes;
            if (length < 0 || !SHA256.HashData(bytes.AsSpan(0, length)).AsSpan().SequenceEqual(bytes.AsSpan(length)))
            {
                throw new MessagePackException("it is cut off or was changed: its checksum is wrong.");
            }

            StewardState state = ViewWire.DecodeState(bytes.AsSpan(0, length));
            return state.Self.Peer == self ? state : throw new MessagePackException($"it belongs to the node {state.Self.Peer}.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or MessagePackException)
        {
            throw new TransportException(
                CloseReason.None, $"The state file '{_path}' cannot be used: {exception.Message} If this node is to start anew, delete it while the cluster has its other stewards.", exception);
        }
    }

    /// <summary>Replaces what is kept, and returns once it is on the disk.</summary>
    /// <exception cref="IOException">It could not be written: nothing that rests on it may be said.</exception>
    public void Write(StewardState state)
    {
        ScratchBuffer scratch = ScratchBuffer.Rent();
        string fresh = _path + ".new";
        try
        {
            var writer = new MessagePackWriter(scratch);
            ViewWire.Encode(ref writer, state);
            using (var file = new FileStream(fresh, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                file.Write(scratch.WrittenSpan);
                file.Write(SHA256.HashData(scratch.WrittenSpan)); // A vote that reads as another one would be worse than none.
                file.Flush(flushToDisk: true);
            }

            File.Move(fresh, _path, overwrite: true);
            SyncDirectory();
        }
        finally
        {
            ScratchBuffer.Return(scratch);
        }
    }

    /// <summary>A life is over: what it kept is void.</summary>
    /// <exception cref="IOException">It is still there, or may be after a crash.</exception>
    /// <exception cref="UnauthorizedAccessException">It is still there.</exception>
    public void Delete()
    {
        File.Delete(_path);
        SyncDirectory();
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    /// <summary>The change of a name is on the disk only once its directory is; on Windows a name change is part of the journal.</summary>
    private void SyncDirectory()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        int descriptor = Open(_directory, 0);
        if (descriptor < 0)
        {
            throw Failed("opened");
        }

        try
        {
            // Some file systems cannot sync a directory, and say so (fsync(2)): there is nothing more to be had there.
            if (Sync(descriptor) != 0 && Marshal.GetLastPInvokeError() != InvalidArgument)
            {
                throw Failed("synced");
            }
        }
        finally
        {
            _ = Close(descriptor);
        }

        IOException Failed(string what) => new($"The directory '{_directory}' cannot be {what}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
