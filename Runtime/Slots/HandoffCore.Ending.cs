namespace Kameo.Actors.Slots;

/// <summary>The end of a life takes its core with it.</summary>
internal sealed partial class HandoffCore
{
    /// <summary>Whether a node is a member of the installed view: a connection to it is to be expected.</summary>
    public bool Knows(in Transport.Views.MemberId id) => _history?.Installed.Contains(id) == true;

    /// <summary>Whoever remembers a group of this core is told to look its type up again. The core is not used after this; what it held, its shell refuses.</summary>
    public void End()
    {
        foreach (TypeGroup group in Groups().ToArray())
        {
            group.Void();
        }

        _groups.Clear();
    }
}
