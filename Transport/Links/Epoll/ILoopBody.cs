namespace Kameo.Actors.Transport.Links.Epoll;

/// <summary>What the leader of a <see cref="LoopCrew"/> does, turn by turn. One thread at a time.</summary>
internal interface ILoopBody
{
    /// <summary>Waits until there is something to do.</summary>
    /// <returns>How many events there are.</returns>
    int Wait();

    /// <summary>Does it.</summary>
    /// <returns>False: the loop is over.</returns>
    bool Handle(int events);

    /// <summary>The loop is over: the last that is called.</summary>
    void End();
}
