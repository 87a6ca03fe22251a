namespace Kameo.Actors.EndToEnd.Node;

/// <summary>A process that is badly overloaded: every core busy, and the thread pool full of work that blocks.</summary>
internal sealed class Burn
{
    private volatile CancellationTokenSource? _stop;

    public void Start()
    {
        if (_stop is not null)
        {
            return;
        }

        var stop = new CancellationTokenSource();
        _stop = stop;
        for (int core = 0; core < Environment.ProcessorCount; core++)
        {
            new Thread(() => Spin(stop.Token)) { IsBackground = true, Name = "burn" }.Start();
        }

        for (int item = 0; item < 64; item++)
        {
            ThreadPool.QueueUserWorkItem(_ => Block(stop.Token));
        }
    }

    public void Stop()
    {
        _stop?.Cancel();
        _stop = null;
    }

    private static void Spin(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            Thread.SpinWait(1000);
        }
    }

    /// <summary>Holds a thread of the pool, and queues itself again: the pool never comes to rest.</summary>
    private static void Block(CancellationToken stop)
    {
        stop.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(250));
        if (!stop.IsCancellationRequested)
        {
            ThreadPool.QueueUserWorkItem(_ => Block(stop));
        }
    }
}
