namespace Kameo.Actors.Transport.Frames;

/// <summary>Bytes with several holders, which never move: whoever keeps them retains, and releases once. At the last release they may become somebody else's.</summary>
internal interface ICountedBytes
{
    /// <summary>All of them; for holders only.</summary>
    Span<byte> Span { get; }

    /// <summary>All of them; for holders only.</summary>
    Memory<byte> Memory { get; }

    /// <summary>Whether a holder who forgets to release them takes them from a limit of the node, so that it must be found out.</summary>
    bool IsLimited { get; }

    /// <summary>Whether looking at them runs no code of a user and cannot fail: it may be done later, by any thread, under a lock.</summary>
    bool IsPlain { get; }

    /// <summary>Adds a holder; called by one.</summary>
    void Retain();

    /// <summary>A holder lets go.</summary>
    void Release();

    /// <summary>
    /// A holder is gone without having let go, and somebody may still read what it gave out (a span keeps an array alive, but not its holder): it is let go for it, and the
    /// bytes never become somebody else's; they are left to the garbage collector.
    /// </summary>
    void Abandon();
}
