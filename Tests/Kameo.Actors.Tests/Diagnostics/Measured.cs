using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Kameo.Actors.Transport;

namespace Kameo.Actors.Tests.Diagnostics;

/// <summary>What the instruments of a name say, of the nodes of one test: those that began while it listens.</summary>
internal sealed class Measured : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<(string Instrument, double Value, string Tags)> _seen = new();

    public Measured(params string[] instruments)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if ((instrument.Meter.Name is "Kameo.Actors" or TransportMetrics.MeterName) && instruments.Contains(instrument.Name))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>What was measured with tags that hold a text.</summary>
    public List<(string Instrument, double Value, string Tags)> Seen(string instrument, string tags) =>
        [.. _seen.Where(one => one.Instrument == instrument && one.Tags.Contains(tags, StringComparison.Ordinal))];

    /// <summary>Reads the gauges.</summary>
    public void Observe() => _listener.RecordObservableInstruments();

    public void Dispose() => _listener.Dispose();

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _seen.Enqueue((instrument.Name, value, string.Join(' ', tags.ToArray().Select(static tag => $"{tag.Key}={tag.Value}"))));
}
