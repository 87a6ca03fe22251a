using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Samples.Bank.Ledgers;

/// <summary>The store outside of the cluster: a directory with one file per account, to which lines are only ever added.</summary>
/// <remarks>
/// A write holds the file's lock (which goes with its process), reads the last line, and is refused if that has a higher fence: check and write are one step, whichever process writes.
/// What is written outlives the process; what outlives the machine is a matter of <c>fsync</c>, left out here.
/// </remarks>
/// <param name="directory">Where the files are.</param>
internal sealed class Ledger(string directory)
{
    private static readonly TimeSpan s_lockTimeout = TimeSpan.FromSeconds(2);

    private long _refused;

    /// <summary>Writes of this process that were refused for their fence.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>The file of an account.</summary>
    public static string FileOf(string directory, long account) => Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"account-{account:d6}.ledger"));

    /// <summary>An activation takes the account: lower fences are refused from here on. What has been written up to here is all that its predecessors will ever have written.</summary>
    /// <exception cref="FencedOffException">A higher fence has it.</exception>
    /// <exception cref="LedgerException">The file is damaged, or stays locked.</exception>
    public IReadOnlyList<LedgerRecord> Claim(long account, long fence)
    {
        using SafeFileHandle file = Open(account);
        long end = EndOf(file, account, fence);
        var records = new List<LedgerRecord>((int)(end / LedgerRecord.Length));
        byte[] lines = new byte[end];
        if (RandomAccess.Read(file, lines, 0) != end)
        {
            throw new LedgerException($"The ledger of account {account} shrinks while it is read.");
        }

        for (int offset = 0; offset < end; offset += LedgerRecord.Length)
        {
            records.Add(LedgerRecord.TryRead(lines.AsSpan(offset, LedgerRecord.Length), offset, out LedgerRecord record)
                ? record
                : throw new LedgerException($"The ledger of account {account} is damaged at byte {offset}."));
        }

        Write(file, end, new LedgerRecord(fence, LedgerEntry.Claimed, 0, 0, 0));
        return records;
    }

    /// <summary>Adds a line.</summary>
    /// <exception cref="FencedOffException">A higher fence has the account.</exception>
    /// <exception cref="LedgerException">The file is damaged, or stays locked.</exception>
    public void Append(long account, LedgerRecord record)
    {
        using SafeFileHandle file = Open(account);
        Write(file, EndOf(file, account, record.Fence), record);
    }

    /// <summary>Where the next line goes, if its writer's fence is not too low. A line cut short by the end of its process was never acknowledged: it is written over.</summary>
    private long EndOf(SafeFileHandle file, long account, long fence)
    {
        long end = RandomAccess.GetLength(file) / LedgerRecord.Length * LedgerRecord.Length;
        if (end == 0)
        {
            return 0;
        }

        Span<byte> line = stackalloc byte[LedgerRecord.Length];
        long offset = end - LedgerRecord.Length;
        if (RandomAccess.Read(file, line, offset) != line.Length || !LedgerRecord.TryRead(line, offset, out LedgerRecord last))
        {
            throw new LedgerException($"The ledger of account {account} is damaged at byte {offset}.");
        }

        if (fence < last.Fence)
        {
            Interlocked.Increment(ref _refused);
            throw new FencedOffException(fence, last.Fence);
        }

        return end;
    }

    private static void Write(SafeFileHandle file, long end, LedgerRecord record)
    {
        Span<byte> line = stackalloc byte[LedgerRecord.Length];
        record.Write(line, end);
        RandomAccess.Write(file, line, end);
    }

    /// <summary>Opens the file of an account for this process alone.</summary>
    private SafeFileHandle Open(long account)
    {
        string path = FileOf(directory, account);
        long start = TimeProvider.System.GetTimestamp();
        var pause = new SpinWait();
        while (true)
        {
            try
            {
                return File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (TimeProvider.System.GetElapsedTime(start) < s_lockTimeout)
            {
                pause.SpinOnce(); // Another activation's process is in the middle of a write, or was stopped there.
            }
            catch (IOException exception)
            {
                throw new LedgerException($"The ledger of account {account} cannot be opened: {exception.Message}");
            }
        }
    }
}
