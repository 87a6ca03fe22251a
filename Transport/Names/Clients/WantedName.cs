namespace Kameo.Actors.Transport.Names.Clients;

/// <summary>A name that a client wants registered, or registered no more, at its member. Guarded by the lock of the names.</summary>
internal sealed class WantedName
{
    /// <summary>What is wanted; null: that it is registered no more.</summary>
    public NameRegistration? Registration { get; set; }

    /// <summary>Rises when something else is wanted.</summary>
    public long Edit { get; set; }

    /// <summary>The member's version that carries what is wanted; 0 until it has confirmed that.</summary>
    public ulong Version { get; set; }

    /// <summary>Why the member does not take it; null if it does, or was not asked.</summary>
    public string? Refusal { get; set; }

    /// <summary>Whether it is in the queue.</summary>
    public bool IsDue { get; set; }

    /// <summary>Whether the present member may have heard of it.</summary>
    public bool MayBeKnown { get; set; }
}
