using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Registry.Wire;

namespace Kameo.Actors.Transport.Registry;

/// <summary>What the protocol wants done, in order. Emptied by the shell after every input, which bounds it.</summary>
internal sealed class RegistryOutbox(RegistryLimits limits, RegistryCounters counters)
{
    private readonly Queue<RegistryPacket> _packets = [];
    private readonly Queue<RegistryEvent> _events = [];
    private readonly Queue<WaitEnd> _ends = [];
    private readonly ScratchBuffer _scratch = new(0, limits.MessageBytesMax);

    public bool TryTake(out RegistryPacket packet) => _packets.TryDequeue(out packet);

    public bool TryTake(out RegistryEvent registryEvent) => _events.TryDequeue(out registryEvent);

    public bool TryTake(out WaitEnd end) => _ends.TryDequeue(out end);

    /// <summary>Encodes a message once, for one receiver or many.</summary>
    public byte[] Encode(RegistryMessage message)
    {
        _scratch.Clear();
        var writer = new MessagePackWriter(_scratch);
        message.Encode(ref writer);
        return _scratch.WrittenSpan.ToArray();
    }

    public void Send(PeerId to, byte[] bytes)
    {
        counters.MessagesSent++;
        counters.BytesSent += bytes.Length;
        _packets.Enqueue(new RegistryPacket(to, bytes));
    }

    public void Send(PeerId to, RegistryMessage message) => Send(to, Encode(message));

    public void Raise(in RegistryEvent registryEvent) => _events.Enqueue(registryEvent);

    public void End(in WaitEnd end) => _ends.Enqueue(end);
}
