using Kameo.Actors.Transport.Connections;

namespace Kameo.Actors.Tests.Inbound;

/// <summary>Lets what is sent meanwhile leave in one piece.</summary>
internal static class Together
{
    public static T Send<T>(Func<T> send)
    {
        SendBatch.Begin();
        try
        {
            return send();
        }
        finally
        {
            SendBatch.End();
        }
    }
}
