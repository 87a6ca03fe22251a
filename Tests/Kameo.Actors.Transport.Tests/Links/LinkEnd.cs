using Kameo.Actors.Transport.Links;

namespace Kameo.Actors.Transport.Tests.Links;

/// <summary>One end of a link, whose received bytes must be the numbers 0, 1, 2... as bytes.</summary>
internal sealed class LinkEnd(ILink link) : ILinkReceiver
{
    private readonly TaskCompletionSource<Exception?> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _sent = new(0);
    private long _receivedBytes;
    private long _sentBytes;
    private int _closeCount;
    private volatile string? _fault;

    public ILink Link { get; } = link;

    /// <summary>Called on the loop's thread for what arrives.</summary>
    public Action? Received { get; init; }

    public long ReceivedBytes => Volatile.Read(ref _receivedBytes);

    public long SentBytes => Volatile.Read(ref _sentBytes);

    public int CloseCount => Volatile.Read(ref _closeCount);

    /// <summary>What went wrong; null: nothing.</summary>
    public string? Fault => _fault;

    /// <summary>How the link ended.</summary>
    public Task<Exception?> Closed => _closed.Task;

    /// <summary>Sends the next bytes of the sequence. False: the link closed first.</summary>
    public async Task<bool> SendAsync(int bytes)
    {
        byte[] buffer = new byte[bytes];
        for (int index = 0; index < bytes; index++)
        {
            buffer[index] = (byte)(_sentBytes + index);
        }

        if (!Link.Send(buffer))
        {
            Task room = _sent.WaitAsync();
            if (await Task.WhenAny(room, Closed) != room)
            {
                return false;
            }

            await room;
        }

        Volatile.Write(ref _sentBytes, _sentBytes + bytes);
        return !Closed.IsCompleted;
    }

    public void OnReceived(ReadOnlySpan<byte> bytes)
    {
        if (CloseCount != 0)
        {
            _fault = "bytes after the end";
        }

        foreach (byte received in bytes)
        {
            if (received != (byte)_receivedBytes)
            {
                _fault ??= $"byte {_receivedBytes} is {received}";
            }

            Volatile.Write(ref _receivedBytes, _receivedBytes + 1);
        }

        Received?.Invoke();
    }

    public void OnSent() => _sent.Release();

    public void OnClosed(Exception? error)
    {
        if (Interlocked.Increment(ref _closeCount) != 1)
        {
            _fault = "closed twice";
        }

        _closed.TrySetResult(error);
    }
}
