using System.Runtime.InteropServices;
using Kameo.Actors.Transport;

namespace Kameo.Actors.EndToEnd.Node.Counting;

/// <summary>
/// Reports to the witness, outside of the framework: each is one append to a file that all processes of the run write, so the kernel puts them in one order, nobody waits for a reader, and what was reported stays when the
/// process is killed. Linux. Thread safe.
/// </summary>
internal sealed partial class WitnessFile
{
    private const int WriteOnly = 1;
    private const int Create = 0x40;
    private const int Append = 0x400;
    private const int CloseOnExec = 0x80000;
    private const int OwnerOnly = 0x180; // 0600

    private readonly int _file;
    private readonly SleepClock _clock = new(TimeProvider.System);

    public WitnessFile(string path)
    {
        _file = Open(path, WriteOnly | Create | Append | CloseOnExec, OwnerOnly);
        if (_file < 0)
        {
            throw new ArgumentException($"'{path}' cannot be opened: error {Marshal.GetLastPInvokeError()}.", nameof(path));
        }
    }

    /// <summary>The witness of this process; null without one.</summary>
    public static WitnessFile? OfProcess { get; set; }

    /// <summary>The time now, in milliseconds.</summary>
    public double Now => _clock.Now.TotalMilliseconds;

    /// <summary>Reports.</summary>
    public void Write(in WitnessReport report)
    {
        WitnessReport whole = report;
        whole.Process = Environment.ProcessId;
        nint written = Write(_file, in whole, WitnessReport.Bytes);
        if (written != WitnessReport.Bytes)
        {
            // A witness that misses something proves nothing.
            Environment.FailFast($"the witness file took {written} bytes: error {Marshal.GetLastPInvokeError()}");
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int file, in WitnessReport report, nint bytes);
}
