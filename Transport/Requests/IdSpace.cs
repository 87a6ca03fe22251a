namespace Kameo.Actors.Transport.Requests;

/// <summary>The first byte of every target and method id: who understands the rest. On the wire; never changes.</summary>
internal static class IdSpace
{
    /// <summary>Names registered with the transport itself.</summary>
    public const byte Name = 1;

    /// <summary>Actors and their methods.</summary>
    public const byte Actor = 2;

    /// <summary>Links between actors: what nodes tell each other of them.</summary>
    public const byte ActorLink = 3;

    /// <summary>What clients have their member register.</summary>
    public const byte NameOrder = 4;

    /// <summary>Probes that look for actors which wait for each other.</summary>
    public const byte Deadlock = 5;
}
