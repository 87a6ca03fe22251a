namespace Kameo.Actors.Transport.Requests;

/// <summary>How many asks that this node has passed on are not answered yet: their answers go back through it, so a node that stops in good order waits for them. Thread safe.</summary>
internal sealed class ForwardedAsks
{
    private int _count;
    private volatile TaskCompletionSource? _none;

    /// <summary>One is passed on.</summary>
    public void Begin() => Interlocked.Increment(ref _count);

    /// <summary>Its answer, or what became of it, is in the ring of the connection that it came on.</summary>
    public void End()
    {
        // Partner: WhenNoneAsync, which sets what is waited for before it reads the count; both are full fences.
        if (Interlocked.Decrement(ref _count) == 0)
        {
            _none?.TrySetResult();
        }
    }

    /// <summary>Completes when there is none. One waiter at a time; each ends by the deadline of its ask, or when the connection does that it was passed on by.</summary>
    public Task WhenNoneAsync()
    {
        var none = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _none = none;
        if (Interlocked.CompareExchange(ref _count, 0, 0) == 0)
        {
            none.TrySetResult();
        }

        return none.Task;
    }
}
