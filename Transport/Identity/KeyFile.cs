using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Kameo.Actors.Transport;

/// <summary>Secret keys in files: PKCS#8 PEM, readable by their owner alone (mode 0600), written whole or not at all.</summary>
public static partial class KeyFile
{
    /// <summary>The largest file that is read: a key takes 119 bytes, comments may surround it.</summary>
    public const int FileBytesMax = 16 * 1024;

    private const int FileExists = 17; // EEXIST, the same on Linux and macOS.

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Reads the key of a file; makes one if there is no such file. Of several processes that do so at once all get the same key.</summary>
    /// <exception cref="KeyFileException">It cannot be read or written, is malformed, or others may read it.</exception>
    public static SecretKey LoadOrCreate(string path)
    {
        if (File.Exists(path))
        {
            return Load(path);
        }

        SecretKey fresh = SecretKey.Generate();
        if (TryWriteNew(path, fresh))
        {
            fresh.FilePath = path;
            return fresh;
        }

        fresh.Dispose(); // Another process was faster: its key counts.
        return Load(path);
    }

    /// <summary>Reads the key of a file.</summary>
    /// <exception cref="KeyFileException">It is missing, cannot be read, is malformed, or others may read it.</exception>
    public static SecretKey Load(string path)
    {
        byte[] bytes = new byte[FileBytesMax + 1];
        char[] text = new char[FileBytesMax + 1];
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file.SafeFileHandle) & Others) != 0)
            {
                throw new KeyFileException($"The key file '{path}' can be read by others than its owner: chmod 600 '{path}'.");
            }

            int length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (length > FileBytesMax)
            {
                throw new KeyFileException($"The key file '{path}' is larger than {FileBytesMax} bytes; it is no key.");
            }

            SecretKey key = SecretKey.FromPem(text.AsSpan(0, Encoding.ASCII.GetChars(bytes, 0, length, text, 0)));
            key.FilePath = path;
            return key;
        }
        catch (FormatException exception)
        {
            throw new KeyFileException($"The key file '{path}' is malformed: {exception.Message}", exception);
        }
        catch (IOException exception) when (KeyLock.IsHeld(exception))
        {
            throw new KeyFileException($"The key file '{path}' is in use by a node that runs: two nodes cannot be the same peer.", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new KeyFileException($"The key file '{path}' cannot be read: {exception.Message}", exception);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
            Array.Clear(text);
        }
    }

    /// <summary>Writes a key to a new file.</summary>
    /// <exception cref="KeyFileException">The file exists already, or cannot be written.</exception>
    public static void Save(string path, SecretKey key)
    {
        if (!TryWriteNew(path, key))
        {
            throw new KeyFileException($"The key file '{path}' exists already; a key is never overwritten.");
        }
    }

    /// <returns>False if the file exists already.</returns>
    private static bool TryWriteNew(string path, SecretKey key)
    {
        string? temporary = null;
        try
        {
            string full = Path.GetFullPath(path);
            string folder = Path.GetDirectoryName(full) ?? full;
            Directory.CreateDirectory(folder);
            temporary = Path.Combine(folder, $".{Path.GetFileName(full)}.{Guid.NewGuid():n}");
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = OwnerOnly;
            }

            using (var file = new FileStream(temporary, options))
            {
                file.Write(Encoding.ASCII.GetBytes(key.ToPem()));
                file.Flush(flushToDisk: true);
            }

            return TryPublish(temporary, full);
        }
        catch (IOException) when (File.Exists(path))
        {
            return false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new KeyFileException($"The key file '{path}' cannot be written: {exception.Message}", exception);
        }
        finally
        {
            if (temporary is not null)
            {
                TryDelete(temporary);
            }
        }
    }

    /// <summary>Gives a file its name, in one step that fails if the name is taken.</summary>
    /// <remarks>On Unix a move that must not overwrite looks first and renames then, which two processes can do at once: a second name for the file cannot be given twice.</remarks>
    private static bool TryPublish(string temporary, string path)
    {
        if (OperatingSystem.IsWindows())
        {
            File.Move(temporary, path, overwrite: false);
            return true;
        }

        if (Link(temporary, path) == 0)
        {
            return true;
        }

        int error = Marshal.GetLastPInvokeError();
        return error == FileExists ? false : throw new IOException(Marshal.GetPInvokeErrorMessage(error));
    }

    /// <summary>link(2).</summary>
    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string another);

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Left behind, readable by its owner alone.
        }
    }
}
