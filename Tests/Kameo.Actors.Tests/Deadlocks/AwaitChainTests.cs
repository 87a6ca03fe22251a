using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using Kameo.Actors.Deadlocks;

namespace Kameo.Actors.Tests.Deadlocks;

/// <summary>Which awaits lead from an ask to the end of a turn, on the version of .NET that this runs on.</summary>
public sealed class AwaitChainTests
{
    [Fact]
    public void Awaits_lead_through_methods_of_every_kind()
    {
        Assert.True(Leads(static async ask => await ask));
        Assert.True(Leads(static async ask => await ask.ConfigureAwait(false)));
        Assert.True(Leads(static async ask => await ask.AsTask()));
        Assert.True(Leads(static async ask => await ask.AsTask().ConfigureAwait(false)));
        Assert.True(Leads(static async ask => await OuterAsync(ask)));
        Assert.True(Leads(static async ask => await OuterAsync(ask).ConfigureAwait(false)));
        Assert.True(Leads(static async ask => await Task.WhenAll(ask.AsTask(), Task.CompletedTask)));
        Assert.True(Leads(static async ask => await Task.WhenAll(OuterAsync(ask), Task.FromResult(1))));
        Assert.True(Leads(static ask => OuterAsync(ask)));
    }

    [Fact]
    public void What_can_go_on_by_itself_is_not_led_to()
    {
        var other = new TaskCompletionSource<int>();
        Assert.False(Leads(async ask => await Task.WhenAny(ask.AsTask(), other.Task)));
        Assert.False(Leads(static async ask => await ask.AsTask().WaitAsync(TimeSpan.FromMinutes(10))));
        Assert.False(Leads(static async ask => await ask.AsTask().ContinueWith(static done => done.Result, TaskScheduler.Default)));
        Assert.False(Leads(async ask =>
        {
            _ = OuterAsync(ask);
            await other.Task;
        }));
        Assert.False(Leads(async _ => await other.Task));
        Assert.False(Leads(async ask =>
        {
            Task<int> twice = OuterAsync(ask);
            _ = OuterAsync(new ValueTask<int>(twice));
            await twice;
        }));
        other.SetResult(0);
    }

    private static async Task<int> OuterAsync(ValueTask<int> ask)
    {
        await Task.CompletedTask;
        return await InnerAsync(ask);
    }

    private static async ValueTask<int> InnerAsync(ValueTask<int> ask) => await ask;

    /// <summary>Runs a method as a turn would, and follows the awaits from its ask.</summary>
    private static bool Leads(Func<ValueTask<int>, Task> method)
    {
        SynchronizationContext? before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(new TurnContext());
        try
        {
            var ask = new Ask();
            Action end = new End().Done;
            ConfiguredTaskAwaitable.ConfiguredTaskAwaiter running = method(new ValueTask<int>(ask, 0)).ConfigureAwait(false).GetAwaiter();
            running.UnsafeOnCompleted(end);
            return AwaitChain.Leads(ask.State, end);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    private sealed class TurnContext : SynchronizationContext;

    private sealed class End
    {
        public void Done() => Assert.NotNull(this);
    }

    private sealed class Ask : IValueTaskSource<int>
    {
        public object? State { get; private set; }

        public int GetResult(short token) => 0;

        public ValueTaskSourceStatus GetStatus(short token) => ValueTaskSourceStatus.Pending;

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) => State = state;
    }
}
