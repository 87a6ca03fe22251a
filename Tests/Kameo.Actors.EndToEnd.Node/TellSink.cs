using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Kameo.Actors.Transport;

namespace Kameo.Actors.EndToEnd.Node;

/// <summary>Takes tells that begin with the number of their sender and one that rises with each, and says how many came and how many of them out of order.</summary>
internal sealed class TellSink(EventWriter events)
{
    private readonly ConcurrentDictionary<int, long> _last = new();
    private long _taken;
    private long _disordered;

    /// <summary>The handler of a name.</summary>
    public ValueTask Take(NameRequest request)
    {
        int sender = BinaryPrimitives.ReadInt32LittleEndian(request.Payload.Span);
        long number = BinaryPrimitives.ReadInt64LittleEndian(request.Payload.Span[sizeof(int)..]);
        if (number <= _last.GetValueOrDefault(sender))
        {
            Interlocked.Increment(ref _disordered);
        }

        _last[sender] = number;
        Interlocked.Increment(ref _taken);
        return default;
    }

    /// <summary>Says it.</summary>
    public void Report() => events.Write("sunk", new JsonObject { ["taken"] = Interlocked.Read(ref _taken), ["disordered"] = Interlocked.Read(ref _disordered) });
}
