using Kameo.Actors.Transport.Names;

namespace Kameo.Actors.Transport;

/// <summary>A name of this node; disposing it takes the name back, here and on every node that knows it. Thread safe.</summary>
/// <remarks>
/// A name is not a lock: several nodes may register the same one. All look-ups then find the same of them, the one whose node has been a member for longest (without membership: that of the lowest id);
/// the others have lost it, until that one is gone.
/// </remarks>
public sealed class NameRegistration : IDisposable
{
    private readonly NodeNames _names;
    private volatile bool _isLost;
    private bool _toldLost;
    private int _telling;
    private int _disposed;

    internal NameRegistration(NodeNames names, string name, NameHandler handler, RegistrationPriority priority, ReadOnlyMemory<byte> metadata)
    {
        _names = names;
        Name = name;
        Handler = handler;
        Priority = priority;
        Metadata = metadata;
    }

    /// <summary>Look-ups find another node's registration of this name from now on. On the thread pool; changes that follow each other quickly may be told as one, or not at all when they cancel each other out.</summary>
    public event Action<NameRegistration>? Lost;

    /// <summary>Look-ups find this registration again. On the thread pool, after the <see cref="Lost"/> before it.</summary>
    public event Action<NameRegistration>? Regained;

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>Whether look-ups find another node's registration of this name, as far as this node knows.</summary>
    public bool IsLost => _isLost;

    /// <summary>What handles its requests.</summary>
    internal NameHandler Handler { get; }

    /// <summary>How soon others are told.</summary>
    internal RegistrationPriority Priority { get; }

    /// <summary>What it says of itself now; under the lock of the names.</summary>
    internal ReadOnlyMemory<byte> Metadata { get; set; }

    /// <summary>The writer's version that carries it as it is now; 0 while none does. Under the lock of the names.</summary>
    internal ulong Version { get; set; }

    /// <summary>When it was last written, on the node's clock; under the lock of the names.</summary>
    internal long WrittenMilliseconds { get; set; }

    /// <summary>Gives the registration other metadata; look-ups see it as soon as they hear of it, by the priority it was registered with.</summary>
    /// <param name="metadata">Up to 1 KiB; copied.</param>
    /// <exception cref="ArgumentException">It is too long.</exception>
    /// <exception cref="InvalidOperationException">The limits on names have no room for it.</exception>
    /// <exception cref="ObjectDisposedException">The name was taken back.</exception>
    public void Change(ReadOnlyMemory<byte> metadata) => _names.Change(this, metadata);

    /// <summary>
    /// Completes when every member of the cluster, whoever that is by then, knows the registration as it is now. Waiting hurries the members that do not. Without membership: when it was handed to every open connection.
    /// </summary>
    /// <param name="timeout">How long that may take. Default 10 s.</param>
    /// <param name="cancellation">Gives the wait up.</param>
    /// <exception cref="TimeoutException">It took longer.</exception>
    /// <exception cref="TransportException">This node was excluded from the cluster meanwhile, or its member takes no more names of it. The registration stays, and is made again where that is possible.</exception>
    /// <exception cref="InvalidOperationException">As many waits as allowed are under way.</exception>
    /// <exception cref="ObjectDisposedException">The name was taken back.</exception>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    public Task VisibleAsync(TimeSpan? timeout = null, CancellationToken cancellation = default) =>
        _names.WaitVisibleAsync(this, timeout ?? TimeSpan.FromSeconds(10), cancellation);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _names.Unregister(this);
        }
    }

    /// <summary>Who has the name was settled anew. Any thread; handlers run on the pool.</summary>
    internal void Settle(bool isLost)
    {
        if (_isLost == isLost)
        {
            return;
        }

        _isLost = isLost;
        // Full fence behind the write: the work item that clears the mark sees it, or this queues another.
        if (Interlocked.Exchange(ref _telling, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static registration => registration.TellChanges(), this, preferLocal: false);
        }
    }

    private void TellChanges()
    {
        // The mark is cleared only when nothing is left to tell, so no two run at a time and lost comes before regained.
        do
        {
            while (_toldLost != _isLost)
            {
                _toldLost = !_toldLost;
                Tell(_toldLost ? Lost : Regained);
            }

            Interlocked.Exchange(ref _telling, 0);
        }
        while (_toldLost != _isLost && Interlocked.Exchange(ref _telling, 1) == 0);
    }

    private void Tell(Action<NameRegistration>? handlers)
    {
        try
        {
            _names.LogSettled(Name, _toldLost);
            handlers?.Invoke(this);
        }
        catch (Exception exception)
        {
            _names.LogHandlerFailed(exception, Name);
        }
    }
}
