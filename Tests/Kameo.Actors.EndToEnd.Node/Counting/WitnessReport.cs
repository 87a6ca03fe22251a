using System.Runtime.InteropServices;
using System.Text;

namespace Kameo.Actors.EndToEnd.Node.Counting;

/// <summary>What a report to the witness is of.</summary>
public enum WitnessKind : byte
{
    /// <summary>None: no report has it.</summary>
    None,

    /// <summary>User code of an actor is in a stretch.</summary>
    Stretch,

    /// <summary>A client is about to ask.</summary>
    Asked,

    /// <summary>An ask has completed.</summary>
    Completed,
}

/// <summary>How an ask completed.</summary>
public enum WitnessOutcome : byte
{
    /// <summary>With its reply.</summary>
    Reply,

    /// <summary>With a failure that says that it did not run.</summary>
    NotRun,

    /// <summary>With a failure that says that it may have run.</summary>
    MayHaveRun,

    /// <summary>With a failure that says that it ran.</summary>
    Ran,

    /// <summary>With what no ask may complete with.</summary>
    Wrong,
}

/// <summary>One report to the witness: 64 bytes, so that none lies on two pages of the file, and each is there whole or not at all whenever its process is killed.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8, Size = Bytes)]
public struct WitnessReport
{
    /// <summary>The size of a report.</summary>
    public const int Bytes = 64;

    /// <summary>What it is of.</summary>
    public WitnessKind Kind;

    /// <summary>Of a stretch: which one of its turn, from 0.</summary>
    public byte Stretch;

    /// <summary>Of a completed ask: how.</summary>
    public WitnessOutcome Outcome;

    /// <summary>The process that reports.</summary>
    public int Process;

    /// <summary>The actor.</summary>
    public int Actor;

    /// <summary>The client that asks.</summary>
    public int Client;

    /// <summary>Which ask of the client to the actor, from 1.</summary>
    public int Sequence;

    /// <summary>Of a stretch: the fence of its activation.</summary>
    public long Fence;

    /// <summary>Of a stretch: its activation, unlike any other.</summary>
    public long Activation;

    /// <summary>When it began, in milliseconds on the clock that counts sleep.</summary>
    public double At;

    /// <summary>Of an ask that failed: characters 1 to 8 of the exception's name, in ASCII.</summary>
    public ulong NameFirst;

    /// <summary>Characters 9 to 16.</summary>
    public ulong NameSecond;

    /// <summary>The first 16 characters of the exception's name.</summary>
    public string Name
    {
        readonly get
        {
            Span<byte> bytes = stackalloc byte[16];
            MemoryMarshal.Write(bytes, NameFirst);
            MemoryMarshal.Write(bytes[8..], NameSecond);
            return Encoding.ASCII.GetString(bytes).TrimEnd('\0');
        }

        set
        {
            Span<byte> bytes = stackalloc byte[16];
            bytes.Clear();
            Encoding.ASCII.GetBytes(value.AsSpan(0, Math.Min(16, value.Length)), bytes);
            NameFirst = MemoryMarshal.Read<ulong>(bytes);
            NameSecond = MemoryMarshal.Read<ulong>(bytes[8..]);
        }
    }
}
