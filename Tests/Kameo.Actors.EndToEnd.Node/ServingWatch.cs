using System.Text.Json.Nodes;
using Kameo.Actors.Transport;

namespace Kameo.Actors.EndToEnd.Node;

/// <summary>Asks the node over and over whether it serves, and reports each change: when it was last so, and when it was first otherwise.</summary>
/// <remarks>The time of a yes is read before it is asked, so that a process stopped in between never claims more than it had.</remarks>
internal sealed class ServingWatch(NodeMembership membership, EventWriter events)
{
    private int _started;

    /// <summary>Begins; a second time does nothing.</summary>
    /// <param name="tight">Without a pause in between.</param>
    public void Start(bool tight)
    {
        if (Interlocked.Exchange(ref _started, 1) == 0)
        {
            new Thread(() => Watch(tight)) { IsBackground = true, Name = "serving-watch", Priority = ThreadPriority.AboveNormal }.Start();
        }
    }

    private void Watch(bool tight)
    {
        using var pause = new ManualResetEventSlim(); // Never set: a thread of its own that rests.
        bool? was = null;
        double lastAt = events.Now;
        while (true)
        {
            double before = events.Now;
            bool serves = membership.IsServing;
            if (serves != was)
            {
                events.Write("serving", events.Now, new JsonObject { ["serves"] = serves, ["lastOtherwise"] = lastAt });
                was = serves;
            }

            lastAt = before;
            if (!tight)
            {
                pause.Wait(TimeSpan.FromMilliseconds(1));
            }
        }
    }
}
