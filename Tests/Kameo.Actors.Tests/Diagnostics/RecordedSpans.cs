using System.Collections.Concurrent;
using System.Diagnostics;
using Kameo.Actors.Tests.Life;

namespace Kameo.Actors.Tests.Diagnostics;

/// <summary>The spans of one trace, of whatever nodes: other tests of the process may make spans meanwhile.</summary>
internal sealed class RecordedSpans : IDisposable
{
    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly ActivityListener _listener;

    public RecordedSpans(ActivitySamplingResult sampling = ActivitySamplingResult.AllDataAndRecorded)
    {
        Root = new Activity("root").SetIdFormat(ActivityIdFormat.W3C);
        Root.ActivityTraceFlags = ActivityTraceFlags.Recorded;
        Root.Start();
        ActivityTraceId trace = Root.TraceId;
        _listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "Kameo.Actors",
            Sample = (ref ActivityCreationOptions<ActivityContext> options) => options.TraceId == trace ? sampling : ActivitySamplingResult.None,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>The test's own span: the parent of what it calls.</summary>
    public Activity Root { get; }

    /// <summary>Waits for so many spans, and gives them by kind and name.</summary>
    public async Task<List<Activity>> TakeAsync(int count)
    {
        await Eventually.TrueAsync(() => _ended.Count(span => span.TraceId == Root.TraceId) >= count, () => $"{count} spans, of which there are {_ended.Count}");
        return [.. _ended.Where(span => span.TraceId == Root.TraceId)];
    }

    public void Dispose()
    {
        _listener.Dispose();
        Root.Stop();
    }
}
