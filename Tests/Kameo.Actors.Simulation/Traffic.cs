using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Views.Messages;
using Kameo.Actors.Transport.Views.Wire;

namespace Kameo.Actors.Simulation;

/// <summary>Counts what arrives while it is on: messages of views and their bytes, by receiver and by sender. What a frame (24 bytes) and a TLS record (22) add is not counted, since frames share records.</summary>
/// <param name="nodes">How many nodes.</param>
internal sealed class Traffic(int nodes)
{
    private readonly Load[] _loads = new Load[nodes];

    /// <summary>Whether it counts.</summary>
    public bool IsOn { get; set; }

    /// <summary>All that arrived.</summary>
    public Load Total { get; private set; }

    /// <summary>What one node sent and received.</summary>
    public Load Of(int node) => _loads[node];

    /// <summary>The most that one node sent and received.</summary>
    public Load Most() => _loads.MaxBy(static load => load.Bytes);

    /// <summary>Something arrived.</summary>
    public void Arrived(int from, int to, object message)
    {
        if (!IsOn || message is not Envelope envelope)
        {
            return;
        }

        ScratchBuffer scratch = ScratchBuffer.Rent();
        MessagePackWriter writer = new(scratch);
        ViewWire.Encode(ref writer, envelope);
        int bytes = scratch.WrittenSpan.Length;
        ScratchBuffer.Return(scratch);
        bool isOfLeases = envelope.Message is Renew or Grant;
        Total = Total.With(bytes, isOfLeases);
        _loads[from] = _loads[from].With(bytes, isOfLeases);
        _loads[to] = _loads[to].With(bytes, isOfLeases);
    }

    /// <summary>Messages and bytes, and how many of them are of leases.</summary>
    internal readonly record struct Load(long Messages, long Bytes, long LeaseMessages, long LeaseBytes)
    {
        /// <summary>With one message more.</summary>
        public Load With(int bytes, bool isOfLeases) =>
            new(Messages + 1, Bytes + bytes, LeaseMessages + (isOfLeases ? 1 : 0), LeaseBytes + (isOfLeases ? bytes : 0));
    }
}
