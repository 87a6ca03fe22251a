using Kameo.Actors.Calls;

namespace Kameo.Actors.Activations;

/// <summary>Call chains that its turns have opened it to: their calls start beside the turn that waits for them. In the executor.</summary>
internal sealed partial class Activation
{
    private List<(Guid Id, Turn Turn)>? _sections;

    private bool HasSections => _sections is { Count: > 0 };

    /// <summary>A turn lets a chain come back.</summary>
    public void OpenSection(Guid id, Turn turn) => (_sections ??= []).Add((id, turn));

    /// <summary>It no longer does; nothing if its turn has ended meanwhile.</summary>
    public void CloseSection(Guid id, Turn turn)
    {
        int index = _sections!.LastIndexOf((id, turn));
        if (index >= 0)
        {
            _sections.RemoveAt(index);
        }
    }

    private void CloseSections(Turn ended) => _sections!.RemoveAll(section => ReferenceEquals(section.Turn, ended));

    private bool IsOfOpenChain(ActorCall call)
    {
        if (call.Context is not { } context || context.ReentrancyId == Guid.Empty)
        {
            return false;
        }

        foreach ((Guid id, _) in _sections!)
        {
            if (id == context.ReentrancyId)
            {
                return true;
            }
        }

        return false;
    }
}
