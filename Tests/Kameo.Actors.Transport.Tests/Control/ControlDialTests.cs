using System.Net;
using Kameo.Actors.Transport.Control;
using Kameo.Actors.Transport.Discovery.Seeds;
using Kameo.Actors.Transport.Tests.Nodes;

namespace Kameo.Actors.Transport.Tests.Control;

/// <summary>Dials of the control lane whose address is a name.</summary>
public sealed class ControlDialTests : IDisposable
{
    private static readonly IPEndPoint s_former = IPEndPoint.Parse("10.0.0.1:7");
    private static readonly IPEndPoint s_later = IPEndPoint.Parse("10.0.0.2:7");

    private readonly ControlLoop _loop = new("test", new SleepClock(TimeProvider.System), static _ => { });
    private readonly TaskCompletionSource<IReadOnlyList<IPAddress>> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<IPEndPoint> _tried = [];
    private IReadOnlyList<IPEndPoint>? _resolved;
    private bool? _failed;

    [Fact]
    public void Where_a_name_led_last_is_tried_at_once_without_an_answer_of_the_resolver()
    {
        Make([s_former]);
        Assert.Equal([s_former], _tried);
    }

    [Fact]
    public async Task Where_it_leads_now_is_tried_next_and_remembered()
    {
        ControlDial dial = Make([s_former]);
        dial.GoOn(isRefused: true); // The former address refused; there is no answer yet, so the dial has not failed.
        Assert.Null(_failed);
        _loop.Start();
        _answer.SetResult([s_former.Address, s_later.Address]);
        await Eventually.TrueAsync(() => _tried.Count == 2, "the second address");
        Assert.Equal([s_former, s_later], _tried);
        Assert.Equal([s_former, s_later], _resolved);
        await DoAsync(() => dial.GoOn(isRefused: true));
        Assert.True(_failed);
    }

    [Fact]
    public async Task An_answer_that_comes_after_the_dial_has_led_somewhere_is_remembered_and_nothing_tried()
    {
        ControlDial dial = Make([s_former]);
        dial.Stop();
        _loop.Start();
        _answer.SetResult([s_later.Address]);
        await Eventually.TrueAsync(() => _resolved is not null, "the answer");
        await DoAsync(static () => { });
        Assert.Equal([s_former], _tried);
        Assert.Null(_failed);
    }

    [Fact]
    public async Task A_name_that_cannot_be_resolved_has_not_refused()
    {
        ControlDial dial = Make([s_former]);
        _loop.Start();
        _answer.SetException(new InvalidOperationException("no resolver"));
        await DoAsync(() => dial.GoOn(isRefused: true));
        await Eventually.TrueAsync(() => _failed is not null, "its end");
        Assert.False(_failed);
    }

    public void Dispose() => _loop.Dispose();

    private ControlDial Make(IReadOnlyList<IPEndPoint> known)
    {
        var dial = new ControlDial("node.test:7", known, (_, address) => _tried.Add(address), (_, found) => _resolved = found, (_, isRefused) => _failed = isRefused);
        dial.Start(new NameLookup(new PendingResolver(_answer.Task), TwoNodes.Deadline, TimeProvider.System), _loop);
        return dial;
    }

    private async Task DoAsync(Action action)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _loop.Post(() =>
        {
            action();
            done.SetResult();
        });
        await done.Task.WaitAsync(TwoNodes.Deadline);
    }

    private sealed class PendingResolver(Task<IReadOnlyList<IPAddress>> answer) : IDnsResolver
    {
        public Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellation) => answer;
    }
}
