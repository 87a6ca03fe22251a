using Kameo.Actors.Slots;

namespace Kameo.Actors.Tests.Slots;

/// <summary>What a core wants done, without a shell.</summary>
internal static class CoreOutputs
{
    /// <summary>Takes all of it, and says in order what slots are, as a shell would.</summary>
    public static List<HandoffOutput> TakeAll(this HandoffCore core)
    {
        List<HandoffOutput> outputs = [];
        while (core.TryTake(out HandoffOutput output))
        {
            outputs.Add(output);
            if (output.Kind == HandoffOutputKind.Publish)
            {
                core.Publish(output);
            }
        }

        return outputs;
    }
}
