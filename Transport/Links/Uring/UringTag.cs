namespace Kameo.Actors.Transport.Links.Uring;

/// <summary>What an operation was for.</summary>
internal enum UringTagKind : byte
{
    /// <summary>The wake-up from other threads.</summary>
    Wake,

    /// <summary>A link's receive.</summary>
    Receive,

    /// <summary>A link waits for room to send.</summary>
    Writable,

    /// <summary>The end of another operation was asked for; what counts is the completion of that.</summary>
    Cancel,

    /// <summary>A buffer was given back.</summary>
    Provide,
}

/// <summary>The 64 bits that travel with an operation: what it was for, and the link's slot or the buffer's id. No address, so no completion can lead to memory that is gone.</summary>
internal static class UringTag
{
    /// <summary>Packs one.</summary>
    public static ulong Of(UringTagKind kind, int number) => ((ulong)(uint)number << 8) | (byte)kind;

    /// <summary>What it was for.</summary>
    public static UringTagKind KindOf(ulong tag) => (UringTagKind)(byte)tag;

    /// <summary>The slot or id.</summary>
    public static int NumberOf(ulong tag) => (int)(tag >> 8);
}
