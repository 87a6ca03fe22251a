namespace Kameo.Actors.Transport.Registry.Wire;

/// <summary>How a batch of deltas is meant.</summary>
[Flags]
internal enum DeltaBatchFlags : byte
{
    /// <summary>A round of gossip, or the answer to a pull.</summary>
    None = 0,

    /// <summary>The sender wants to know how far the receiver then knows what the sender wrote.</summary>
    AcknowledgementWanted = 1,

    /// <summary>Sent to everybody at once: nobody needs to pass it on.</summary>
    Pushed = 2,
}
