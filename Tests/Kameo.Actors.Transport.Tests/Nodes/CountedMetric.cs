using System.Diagnostics.Metrics;

namespace Kameo.Actors.Transport.Tests.Nodes;

/// <summary>Listens to one instrument of one node.</summary>
internal sealed class CountedMetric : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly string? _tag;
    private long _sum;
    private long _last;

    /// <param name="node">Whose.</param>
    /// <param name="name">The instrument's name.</param>
    /// <param name="tag">Counts only what has this value among its tags; null counts everything.</param>
    public CountedMetric(TransportNode node, string name, string? tag = null)
    {
        _tag = tag;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (node.Metrics.Owns(instrument) && instrument.Name == name)
            {
                listener.EnableMeasurementEvents(instrument);
                IsFound = true;
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, value, tags, _) => Take(value, tags));
        _listener.SetMeasurementEventCallback<int>((_, value, tags, _) => Take(value, tags));
        _listener.Start();
        Assert.True(IsFound, $"there is no instrument {name}");
    }

    /// <summary>What a counter has counted since.</summary>
    public long Sum => Interlocked.Read(ref _sum);

    /// <summary>What a gauge says now.</summary>
    public long Now
    {
        get
        {
            _listener.RecordObservableInstruments();
            return Interlocked.Read(ref _last);
        }
    }

    private bool IsFound { get; set; }

    public void Dispose() => _listener.Dispose();

    private void Take(long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (_tag is null || Has(tags))
        {
            Interlocked.Add(ref _sum, value);
            Interlocked.Exchange(ref _last, value);
        }
    }

    private bool Has(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (KeyValuePair<string, object?> tag in tags)
        {
            if (Equals(tag.Value, _tag))
            {
                return true;
            }
        }

        return false;
    }
}
