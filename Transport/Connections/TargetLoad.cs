using Kameo.Actors.Transport.Rings;

namespace Kameo.Actors.Transport.Connections;

/// <summary>
/// How much of a connection's window the requests to one numbered target hold. At an eighth the peer is told to pause that target, so that one slow actor cannot take the window from all others; at half of
/// that, to go on.
/// </summary>
/// <remarks>
/// What came is counted by the receive loop alone, what went back by whoever releases; the loop looks at the second only when its last look would make it pause. The mark is set after the
/// pause frame was put, so a resume never overtakes it; whoever sets it looks once more, so that a target that fell idle at that moment is not forgotten.
/// </remarks>
/// <param name="connection">The connection.</param>
/// <param name="number">The target's number there.</param>
internal sealed class TargetLoad(Connection connection, uint number)
{
    private readonly long _pauseBytes = connection.Limits.WindowBytes / 8;
    private long _received;
    private long _returnedSeen;
    private PaddedWord _returned; // Written by others than what stands beside it.
    private int _isPaused;

    /// <summary>The receive loop: a request is taken on.</summary>
    public void Add(int bytes)
    {
        _received += bytes;
        if (_received - _returnedSeen <= _pauseBytes)
        {
            return;
        }

        _returnedSeen = Volatile.Read(ref _returned.Value);
        if (_received - _returnedSeen <= _pauseBytes || Volatile.Read(ref _isPaused) != 0)
        {
            return;
        }

        connection.PutPause(number);
        Interlocked.Exchange(ref _isPaused, 1); // Full fence; partner: the addition in Return, behind which the mark is read.
        ResumeIfLow(Volatile.Read(ref _returned.Value));
    }

    /// <summary>Any thread: a request gave its part back.</summary>
    public void Return(int bytes)
    {
        long returned = Interlocked.Add(ref _returned.Value, bytes);
        if (Volatile.Read(ref _isPaused) != 0)
        {
            ResumeIfLow(returned);
        }
    }

    private void ResumeIfLow(long returned)
    {
        // While it is paused little comes, so a look at the other counter costs nothing.
        if (Interlocked.Read(ref _received) - returned <= _pauseBytes / 2 && Interlocked.CompareExchange(ref _isPaused, 0, 1) == 1)
        {
            connection.PutResume(number);
        }
    }
}
