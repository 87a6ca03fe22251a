using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Kameo.Actors.Transport.Membership;

/// <summary>Passes entries on to a logger on the thread pool, one after the other in their order: a logger is anybody's code and may block, as a console does that nobody reads, and the control thread must not.</summary>
/// <remarks>Bound: <see cref="WaitingMax"/> entries; further ones are dropped, and their number is logged once there is room again. Scopes of the caller are not kept.</remarks>
/// <param name="inner">Where entries go.</param>
internal sealed class PostedLogger(ILogger inner) : ILogger, IThreadPoolWorkItem
{
    /// <summary>Most entries that wait.</summary>
    public const int WaitingMax = 1_024;

    private readonly ConcurrentQueue<Action<ILogger>> _waiting = new();
    private int _count;
    private int _dropped;

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (inner.IsEnabled(logLevel))
        {
            Post(logger => logger.Log(logLevel, eventId, state, exception, formatter));
        }
    }

    /// <summary>Completes when what was logged before is with the logger.</summary>
    public Task FlushAsync()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return Post(_ => done.TrySetResult()) ? done.Task : Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Execute()
    {
        // Who counts from 0 to 1 starts this, and it ends with the one that brings the count back to 0: never two at a time.
        do
        {
            if (_waiting.TryDequeue(out Action<ILogger>? entry))
            {
                Pass(entry);
            }

            if (Interlocked.Exchange(ref _dropped, 0) is > 0 and var dropped)
            {
                Pass(logger => MembershipLog.EntriesDropped(logger, dropped));
            }
        }
        while (Interlocked.Decrement(ref _count) > 0);
    }

    private bool Post(Action<ILogger> entry)
    {
        if (Volatile.Read(ref _count) >= WaitingMax)
        {
            Interlocked.Increment(ref _dropped);
            return false;
        }

        // Into the queue first: partner of the decrement in Execute, which takes one entry for each count.
        _waiting.Enqueue(entry);
        if (Interlocked.Increment(ref _count) == 1)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }

        return true;
    }

    private void Pass(Action<ILogger> entry)
    {
        try
        {
            entry(inner);
        }
        catch (Exception)
        {
            // A logger that throws has nobody left to tell.
        }
    }
}
