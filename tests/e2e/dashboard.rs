//! What a user does, from the first screen to the last.

use opsdash_testbed::pty::keys;

use crate::support::*;

#[tokio::test(flavor = "multi_thread")]
async fn look() {
    let mut d = on_pristine().await.start();
    d.shows(&["Attention", "quota sync"]);
    let nap = || std::thread::sleep(std::time::Duration::from_millis(1200));
    nap();
    println!("{}", d.text());
    for k in ["2", "3", "4", "5", "6", "7"] {
        d.type_in(&[k]);
        nap();
        println!("=========\n{}", d.text());
        if k == "2" || k == "7" || k == "4"{
            d.type_in(&[keys::ENTER]);
            nap();
            println!("=========\n{}", d.text());
            d.type_in(&[ESC]);
            nap();
        }
    }
    std::fs::write("/tmp/e2e.bytes", d.bytes()).unwrap();
    println!("{:?}", d.quit());
}
