using Kameo.Actors.Simulation.Actors;

namespace Kameo.Actors.Simulation.Checkers;

/// <summary>What one caller sends to one actor runs in the order sent, while the connections on the ways of what it sent live.</summary>
internal sealed class OrderChecker(World world)
{
    private readonly Dictionary<(SimCaller, ActorId), SimCall> _last = [];

    /// <summary>A call begins to run.</summary>
    public void Ran(SimCall call, int node)
    {
        call.Visited |= 1 << node;
        (SimCaller, ActorId) key = (call.Caller, call.Id);
        if (_last.TryGetValue(key, out SimCall? last) && call.Sequence < last.Sequence)
        {
            if (!world.Data.HasEnded(call.Visited | last.Visited, call.SentAt))
            {
                throw new ViolationException("messages run in the order sent", $"{call} runs after no. {last.Sequence}, and no connection among the nodes that they were at ended");
            }

            return;
        }

        _last[key] = call;
    }
}
