using Kameo.Actors.Transport.Pools;

namespace Kameo.Actors.Transport.Tests.Pools;

/// <summary>Where work goes that is ready.</summary>
public sealed class ReadyWorkTests
{
    [Fact]
    public async Task What_is_always_near_again_keeps_nobody_waiting()
    {
        // As many as ever fill all threads of the pool, each of which queues itself again and again where it is near.
        Again[] busy = [.. Enumerable.Range(0, 64).Select(static _ => new Again())];
        foreach (Again item in busy)
        {
            ThreadPool.UnsafeQueueUserWorkItem(item, preferLocal: false);
        }

        try
        {
            foreach (Again item in busy)
            {
                await item.HasRun.Task.WaitAsync(TimeSpan.FromSeconds(3));
            }

            var other = new Once();
            ThreadPool.UnsafeQueueUserWorkItem(other, preferLocal: false);
            await other.HasRun.Task.WaitAsync(TimeSpan.FromSeconds(3));
        }
        finally
        {
            Array.ForEach(busy, static item => item.IsOver = true);
        }
    }

    private sealed class Again : IThreadPoolWorkItem
    {
        private int _runs;

        public TaskCompletionSource HasRun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public volatile bool IsOver;

        public void Execute()
        {
            if (++_runs == 1_000)
            {
                HasRun.SetResult();
            }

            if (!IsOver)
            {
                ReadyWork.QueueNear(this);
            }
        }
    }

    private sealed class Once : IThreadPoolWorkItem
    {
        public TaskCompletionSource HasRun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Execute() => HasRun.SetResult();
    }
}
